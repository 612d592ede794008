package dev.postern.tck;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.testkit.Leak;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.TestRelay;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.tck.RelayProfile;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of relays is proved: a relay that gives one wrong reply fails the test that asks for the right one. */
@OnAnyJdk
class RelayContractTest {

    private static final Fault WRONG = Fault.reply("550 5.0.0 No row of the catalogue");

    private static volatile Stage wrongAt = Stage.OTHER;
    private static volatile Fault reply = WRONG;

    static Set<Map.Entry<String, Stage>> faults() {
        return Map.ofEntries(
                        entry("required_ehlo_offersTheExtensions", Stage.EHLO),
                        entry("required_plainCommands_areAnswered", Stage.OTHER),
                        entry("required_badSequence_isRefused", Stage.RCPT),
                        entry("required_authCredentialsInvalid_isTheSameForUserAndPassword", Stage.AUTH),
                        entry("required_authRequired_beforeMail", Stage.MAIL),
                        entry("required_senderSyntax_isRefused", Stage.MAIL),
                        entry("required_recipientSyntax_isRefused", Stage.RCPT),
                        entry("required_messageTooLarge_byItsDeclaredSize", Stage.MAIL),
                        entry("required_mimeInvalid_isRefused", Stage.END_OF_DATA),
                        entry("required_from_isOneOfTheAccounts", Stage.END_OF_DATA),
                        entry("required_bareLineEndings_areRefused", Stage.END_OF_DATA),
                        entry("optional_authRequiresTls_inClear", Stage.AUTH),
                        entry("optional_authRelayDisabled_forTheRightPasswordOnly", Stage.AUTH),
                        entry("optional_authBlocked_afterTooManyFailures", Stage.AUTH),
                        entry("optional_userSessionsExceeded_atTheLogin", Stage.AUTH),
                        entry("optional_ipSessionsExceeded_inPlaceOfTheGreeting", Stage.GREETING),
                        entry("optional_inactivity_isHungUpOn", Stage.AUTH),
                        entry("optional_sessionLifetime_isOverInTime", Stage.OTHER),
                        entry("optional_tooManyMessages_isHungUpOn", Stage.MAIL),
                        entry("optional_tooManyRecipients_isRefused", Stage.RCPT),
                        entry("optional_quotaExceeded_atMail", Stage.MAIL),
                        entry("optional_domainNotAuthenticated_isRefused", Stage.END_OF_DATA),
                        entry("optional_upstreamRelayFailed_isHungUpOn", Stage.END_OF_DATA),
                        entry("optional_upstreamUnreachable_isHungUpOn", Stage.END_OF_DATA))
                .entrySet();
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aWrongReplyFailsTheTestThatAsksForTheRightOne(Map.Entry<String, Stage> fault) {
        wrongAt = fault.getValue();
        reply = WRONG;
        ContractRun.assertCatches(WrongRelay.class, fault.getKey());
    }

    /** SIZE 0 says that there is no maximum (RFC 1870 section 4), so nothing is above it. */
    @Test
    void aRelayWithoutAMaximumIsNotWrong() {
        wrongAt = Stage.EHLO;
        reply = Fault.reply("250-relay.test\n250-STARTTLS\n250-AUTH PLAIN\n250 SIZE 0");
        ContractRun run = ContractRun.of(WrongRelay.class, "required_messageTooLarge_byItsDeclaredSize");
        assertThat(run.failed()).isEmpty();
        assertThat(run.skipped()).hasSize(1);
    }

    @Test
    void eachTestIsProved() {
        List<String> tests = new ArrayList<>();
        for (var method : WrongRelay.class.getMethods()) {
            if (method.isAnnotationPresent(Test.class)) {
                tests.add(method.getName());
            }
        }
        assertThat(faults().stream().map(Map.Entry::getKey)).containsExactlyInAnyOrderElementsOf(tests);
    }

    /** The relay, behind something that gives one wrong reply. */
    static class WrongRelay extends RelayTckTest {
        private final List<TestRelay> fronts = new ArrayList<>();

        @Override
        protected RelayProfile profile() throws Exception {
            RelayProfile right = super.profile();
            TestRelay front = TestRelay.start(
                            env -> RelayUnderTest.of(() -> {}, right.address().getPort()))
                    .allowing(Leak.values());
            fronts.add(front);
            front.at(wrongAt).always(reply);
            return new RelayProfile(
                    front.address(),
                    right.access(),
                    right.trust(),
                    right.logins(),
                    right.limits(),
                    right.recipient(),
                    right.unvalidatedDomain());
        }

        @AfterEach
        void stopFronts() {
            fronts.forEach(TestRelay::close);
        }
    }
}
