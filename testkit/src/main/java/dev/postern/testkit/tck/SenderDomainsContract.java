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
 * The contract of {@link SenderDomains}: no one sends from a domain that is not theirs. Extend it, create the rule in
 * {@link #newSenderDomains}, name an identity and its domains, and run it with JUnit.
 */
@ExtendWith(ContractDeadline.class)
public abstract class SenderDomainsContract {

    private static final int THREADS = 8;

    private SenderDomains domains;

    /** For subclasses, which test an implementation. */
    protected SenderDomainsContract() {}

    /**
     * Creates the rule under test; called once before each test.
     *
     * @return a rule; closed after the test when it is {@link AutoCloseable}
     * @throws Exception fails the test
     */
    protected abstract SenderDomains newSenderDomains() throws Exception;

    /**
     * Returns an identity that sends.
     *
     * @return an identity
     */
    protected abstract Identity identity();

    /**
     * Returns a domain that the identity may send from.
     *
     * @return a domain, folded by {@link dev.postern.spi.MailAddress#foldDomain}
     */
    protected abstract String validatedDomain();

    /**
     * Returns a domain of the identity that is not validated for sending.
     *
     * @return a folded domain; empty, as by default, if all domains of an identity are validated
     */
    protected Optional<String> unvalidatedDomain() {
        return Optional.empty();
    }

    /**
     * Creates a rule whose backend is unreachable.
     *
     * @return the rule, closed after the test; empty, as by default, for one that depends on nothing else
     * @throws Exception fails the test
     */
    protected Optional<SenderDomains> newCutOffSenderDomains() throws Exception {
        return Optional.empty();
    }

    /**
     * Creates the rule.
     *
     * @throws Exception when it cannot be created
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

    /** The identity's own domain is validated, each time. */
    @Test
    public final void required_ownDomain_isValidated() {
        assertStatus(Status.VALIDATED, validatedDomain());
        assertStatus(Status.VALIDATED, validatedDomain());
    }

    /**
     * A domain that only looks like the identity's is foreign, and so is one with special characters for a database.
     */
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

    /** Answers do not depend on who asked before. */
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

    /** An unvalidated domain of the identity is distinguished from a foreign one. */
    @Test
    public final void optional_unvalidatedDomain_isToldApart() {
        assertStatus(Status.UNVALIDATED, Tck.orSkip(unvalidatedDomain(), "unvalidatedDomain()"));
    }

    /**
     * A domain that cannot be looked up is unknown, or causes an exception, but may never send.
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

    /** Concurrent calls each get their own answer. */
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
