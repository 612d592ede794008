package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.Identity;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SenderDomains.Status;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class SenderDomainsContractTest {

    private static final SenderDomains RIGHT = SenderDomains.ofIdentityExcept(Set.of("new.test"));

    private static volatile SenderDomains subject = RIGHT;
    private static volatile SenderDomains cutOff = (identity, domain) -> {
        throw new IllegalStateException("no database");
    };

    /** Keeps what it was asked for where another thread finds it. */
    private static final class Shared implements SenderDomains {
        private final Gap gap = new Gap();
        private volatile String asked = "";

        @Override
        public Status check(Identity identity, String domain) {
            asked = domain;
            gap.awaitOthers();
            return RIGHT.check(identity, asked);
        }
    }

    static Set<Map.Entry<String, SenderDomains>> bugs() {
        Map<String, SenderDomains> bugs = Map.of(
                "required_ownDomain_isValidated",
                (identity, domain) -> Status.FOREIGN,
                "required_otherDomain_isForeign",
                (identity, domain) -> identity.domains().stream().anyMatch(domain::endsWith)
                        ? Status.VALIDATED
                        : RIGHT.check(identity, domain),
                "required_otherIdentity_doesNotHaveTheDomain",
                (identity, domain) -> domain.equals("own.test") ? Status.VALIDATED : RIGHT.check(identity, domain),
                "optional_unvalidatedDomain_isToldApart",
                SenderDomains.ofIdentity(),
                "required_concurrency_eachGetsItsOwnAnswer",
                new Shared(),
                "required_answer_dependsOnNobodyBefore",
                new SenderDomains() {
                    private final Map<String, Status> known = new ConcurrentHashMap<>();

                    @Override
                    public Status check(Identity identity, String domain) {
                        return known.computeIfAbsent(domain, name -> RIGHT.check(identity, name));
                    }
                });
        return bugs.entrySet();
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void eachFaultFailsTheTestThatNamesIt(Map.Entry<String, SenderDomains> bug) {
        subject = bug.getValue();
        ContractRun.assertCatches(Subject.class, bug.getKey());
    }

    @Test
    void whoLetsEveryoneSendWhenCutOffIsCaught() {
        SenderDomains before = cutOff;
        try {
            cutOff = (identity, domain) -> Status.VALIDATED;
            assertThat(ContractRun.of(Subject.class, "optional_cutOff_isUnknown")
                            .failed())
                    .hasSize(1);
        } finally {
            cutOff = before;
        }
    }

    @Test
    void aRightRulePassesAll() {
        subject = RIGHT;
        List<String> faults =
                new ArrayList<>(bugs().stream().map(Map.Entry::getKey).toList());
        faults.add("optional_cutOff_isUnknown");
        ContractRun.of(Subject.class).assertPassedAndProved(faults);
    }

    /** Who has a domain and the one above it has both. */
    @Test
    void whoHasTheDomainAboveToo() {
        subject = RIGHT;
        assertThat(ContractRun.of(OfBoth.class).failed()).isEmpty();
    }

    static class OfBoth extends Subject {
        @Override
        protected Identity identity() {
            return Identity.of("ann@own.test").withDomains("mail.own.test", "own.test", "new.test");
        }

        @Override
        protected String validatedDomain() {
            return "mail.own.test";
        }
    }

    static class Subject extends SenderDomainsContract {
        @Override
        protected SenderDomains newSenderDomains() {
            return subject;
        }

        @Override
        protected Identity identity() {
            return Identity.of("ann@own.test").withDomains("own.test", "new.test");
        }

        @Override
        protected String validatedDomain() {
            return "own.test";
        }

        @Override
        protected Optional<String> unvalidatedDomain() {
            return Optional.of("new.test");
        }

        @Override
        protected Optional<SenderDomains> newCutOffSenderDomains() {
            return Optional.of(cutOff);
        }
    }
}
