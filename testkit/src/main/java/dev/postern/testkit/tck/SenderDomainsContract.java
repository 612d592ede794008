package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.Identity;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SenderDomains.Status;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the relay relies on in {@link SenderDomains}: nobody sends from a domain that is not theirs. Extend it, make the
 * rule in {@link #newSenderDomains}, name an identity and its domains, and run it with JUnit.
 */
@ExtendWith(ContractDeadline.class)
public abstract class SenderDomainsContract {

    private static final int THREADS = 8;

    private SenderDomains domains;

    /** For the test of an implementation, which extends this. */
    protected SenderDomainsContract() {}

    /**
     * Makes the rule under test; called once before each test.
     *
     * @return a rule; closed after the test when it is {@link AutoCloseable}
     * @throws Exception fails the test
     */
    protected abstract SenderDomains newSenderDomains() throws Exception;

    /**
     * Names somebody who sends.
     *
     * @return an identity
     */
    protected abstract Identity identity();

    /**
     * Names a domain that the identity may send from.
     *
     * @return a domain, folded as {@link dev.postern.spi.MailAddress#foldDomain} does
     */
    protected abstract String validatedDomain();

    /**
     * Names a domain that is the identity's, and not validated for sending.
     *
     * @return a folded domain; empty, as by default, where every domain of an identity is validated
     */
    protected Optional<String> unvalidatedDomain() {
        return Optional.empty();
    }

    /**
     * Makes a rule that cannot reach what it asks.
     *
     * @return the rule, closed after the test; empty, as by default, for one that asks nobody
     * @throws Exception fails the test
     */
    protected Optional<SenderDomains> newCutOffSenderDomains() throws Exception {
        return Optional.empty();
    }

    /**
     * Makes the rule.
     *
     * @throws Exception when it cannot be made
     */
    @BeforeEach
    public final void openSenderDomains() throws Exception {
        domains = newSenderDomains();
    }

    /**
     * Closes the rule.
     *
     * @throws Exception when it cannot be closed
     */
    @AfterEach
    public final void closeSenderDomains() throws Exception {
        Tck.close(domains);
    }

    /** The identity's own domain is validated, each time it is asked for. */
    @Test
    public final void required_ownDomain_isValidated() {
        assertStatus(Status.VALIDATED, validatedDomain());
        assertStatus(Status.VALIDATED, validatedDomain());
    }

    /** A domain that only looks like the identity's is foreign, and so is what means something to a database. */
    @Test
    public final void required_otherDomain_isForeign() {
        String own = validatedDomain();
        for (String other : List.of(
                "foreign.test",
                "x" + own,
                own + ".test",
                own.substring(1),
                own.substring(0, own.indexOf('.')),
                own.substring(own.indexOf('.') + 1),
                "%",
                "' OR '1'='1",
                "")) {
            if (identity().covering(other).isEmpty()) { // it may have several
                assertStatus(Status.FOREIGN, other);
            }
        }
    }

    /** An identity has only its own domains, not those of others. */
    @Test
    public final void required_otherIdentity_doesNotHaveTheDomain() {
        Identity stranger = Identity.of("nobody@stranger.test");
        assertThat(domains.check(stranger, validatedDomain()))
                .as("%s of somebody else", validatedDomain())
                .isEqualTo(Status.FOREIGN);
    }

    /** Whoever asked before, each gets the answer for himself. */
    @Test
    public final void required_answer_dependsOnNobodyBefore() {
        Identity stranger = Identity.of("nobody@stranger.test");
        for (int i = 0; i < 2; i++) {
            assertStatus(Status.VALIDATED, validatedDomain());
            assertThat(domains.check(stranger, validatedDomain()))
                    .as("%s of somebody else, after its owner", validatedDomain())
                    .isEqualTo(Status.FOREIGN);
            assertStatus(Status.FOREIGN, "foreign.test");
        }
    }

    /** A domain that is the identity's and not validated is told apart from a foreign one. */
    @Test
    public final void optional_unvalidatedDomain_isToldApart() {
        assertStatus(Status.UNVALIDATED, Tck.orSkip(unvalidatedDomain(), "unvalidatedDomain()"));
    }

    /**
     * What cannot be looked up is unknown, or an exception, and never a domain that may send.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_cutOff_isUnknown() throws Exception {
        SenderDomains cutOff = Tck.orSkip(newCutOffSenderDomains(), "newCutOffSenderDomains()");
        try {
            assertThat(unknown(cutOff)).as("unknown, or an exception").isTrue();
        } finally {
            Tck.close(cutOff);
        }
    }

    /** Many at once each get their own answer. */
    @Test
    public final void required_concurrency_eachGetsItsOwnAnswer() {
        List<Boolean> right = Tck.together(THREADS, thread -> () -> {
            boolean good = true;
            for (int i = 0; i < 50; i++) {
                boolean own = i % 2 == thread % 2;
                Status status = domains.check(identity(), own ? validatedDomain() : "foreign.test");
                good &= status == (own ? Status.VALIDATED : Status.FOREIGN);
            }
            return good;
        });
        assertThat(right).as("threads whose answers were right").containsOnly(true);
    }

    private boolean unknown(SenderDomains cutOff) {
        try {
            return cutOff.check(identity(), validatedDomain()) == Status.UNKNOWN;
        } catch (RuntimeException e) {
            return true; // the relay answers both alike
        }
    }

    private void assertStatus(Status expected, String domain) {
        assertThat(domains.check(identity(), domain)).as("\"%s\"", domain).isEqualTo(expected);
    }
}
