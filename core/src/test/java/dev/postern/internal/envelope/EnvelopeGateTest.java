package dev.postern.internal.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.plugin.Guarded;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import dev.postern.tools.OnAnyJdk;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits of an envelope, the host's policy, and the claims that a client may not make. */
@OnAnyJdk
class EnvelopeGateTest {

    private static final MessageRules RULES =
            MessageRules.defaults().withMaxSize(1000).withMaxRecipients(3);
    private static final Identity ANN = Identity.of("ann");
    private static final Identity SMALL =
            ANN.withLimits(IdentityLimits.none().withMessageSize(100).withRecipientsPerMessage(1));
    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 25);
    private static final ClientInfo CLIENT = ClientInfo.of("s-1", HERE, HERE);

    private static EnvelopeGate gate(MessageRules rules) {
        return gate(rules, EnvelopePolicy.acceptAll());
    }

    private static EnvelopeGate gate(MessageRules rules, EnvelopePolicy policy) {
        return new EnvelopeGate(rules, Guarded.inline("EnvelopePolicy", policy));
    }

    /** A host's policy. */
    private record Policy(String answer) implements EnvelopePolicy {

        private Verdict verdict(StandardReply row) {
            return switch (answer) {
                case "accepts" -> Verdict.proceed();
                case "refuses" -> Verdict.refuse(row);
                default -> throw new IllegalStateException("broken");
            };
        }

        @Override
        public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
            return verdict(StandardReply.SENDER_NOT_ALLOWED);
        }

        @Override
        public Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
            assertThat(envelope.recipients()).as("those before it").hasSize(1);
            return verdict(StandardReply.RECIPIENT_SYNTAX);
        }

        @Override
        public boolean vouchesFor(MailAddress submitter, Envelope envelope, Identity identity, ClientInfo client) {
            return verdict(StandardReply.SENDER_NOT_ALLOWED) instanceof Verdict.Proceed
                    && submitter.toString().equals("a=b@c.test");
        }
    }

    private static void assertRefused(Verdict verdict, StandardReply row) {
        assertThat(verdict.refusal().flatMap(Reply::standard)).contains(row);
    }

    @Test
    void limitsAreTheRelaysUnlessAnIdentityHasItsOwn() {
        EnvelopeGate gate = gate(RULES);
        assertThat(gate.rules().maxSize()).isEqualTo(1000);
        assertThat(gate.rules().maxRecipients()).isEqualTo(3);
        assertThat(gate.maxSize(ANN)).isEqualTo(1000);
        assertThat(gate.maxRecipients(ANN)).isEqualTo(3);
        assertThat(gate.maxSize(SMALL)).isEqualTo(100);
        assertThat(gate.maxRecipients(SMALL)).isEqualTo(1);
        assertThat(gate.rules().dsn()).isFalse();
        assertThat(gate(RULES.withDsn()).rules().dsn()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"'', true", "' SIZE=1000', true", "' SIZE=1001', false"})
    void aDeclaredSizeOverTheLimitIsRefused(String size, boolean accepted) {
        EnvelopeGate gate = gate(RULES);
        Verdict verdict = gate.sender(gate.mail("FROM:<a@b.test>" + size, false).value(), ANN, CLIENT);
        if (accepted) {
            assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
        } else {
            assertRefused(verdict, StandardReply.MESSAGE_TOO_LARGE);
        }
    }

    @Test
    void recipientsUpToTheLimitAreAccepted() {
        EnvelopeGate gate = gate(RULES);
        Envelope sender = gate.mail("FROM:<a@b.test>", false).value();
        Recipient bob = Recipient.of("bob@dest.test");
        assertThat(gate.recipient(sender, List.of(bob, bob), bob, ANN)).isInstanceOf(Verdict.Proceed.class);
        assertRefused(gate.recipient(sender, List.of(bob, bob, bob), bob, ANN), StandardReply.TOO_MANY_RECIPIENTS);
        assertThat(gate.recipient(sender, List.of(), bob, SMALL)).isInstanceOf(Verdict.Proceed.class);
        assertRefused(gate.recipient(sender, List.of(bob), bob, SMALL), StandardReply.TOO_MANY_RECIPIENTS);
    }

    @ParameterizedTest
    @CsvSource({"refuses, SENDER_NOT_ALLOWED, RECIPIENT_SYNTAX", "breaks, INTERNAL_ERROR, INTERNAL_ERROR"})
    void theHostsPolicyIsObeyed(String answer, StandardReply ofSender, StandardReply ofRecipient) {
        EnvelopeGate gate = gate(RULES, new Policy(answer));
        Envelope sender = gate.mail("FROM:<a@b.test>", false).value();
        Recipient bob = Recipient.of("bob@dest.test");
        assertRefused(gate.sender(sender, ANN, CLIENT), ofSender);
        assertRefused(gate.recipient(sender, List.of(bob), bob, ANN), ofRecipient);
    }

    @Test
    void postmasterAloneGetsTheRelaysName() {
        EnvelopeGate gate = gate(RULES);
        Recipient postmaster = gate.rcpt("TO:<Postmaster>", false).value();
        assertThat(gate.completed(postmaster, "relay.test").address()).hasToString("postmaster@relay.test");
        assertThat(gate(RULES.without(FixUp.POSTMASTER)).completed(postmaster, "relay.test"))
                .isEqualTo(postmaster);
        Recipient other = gate.rcpt("TO:<Postmaster@dest.test>", false).value();
        assertThat(gate.completed(other, "relay.test")).isEqualTo(other);
    }

    /** RFC 4954 section 5. */
    @ParameterizedTest
    @CsvSource({
        "a+3Db@c.test, accepts, AUTH=a+3Db@c.test",
        "other@c.test, accepts, AUTH=<>",
        "a+3Db@c.test, refuses, AUTH=<>",
        "a+3Db@c.test, breaks, AUTH=<>",
        "<>, breaks, AUTH=<>"
    })
    void aSubmitterStaysOnlyWhereThePolicyVouchesForIt(String claim, String answer, String left) {
        EnvelopeGate gate = gate(RULES, new Policy(answer));
        Envelope sender =
                gate.mail("FROM:<a@b.test> SIZE=7 AUTH=" + claim, false).value();
        Envelope own = gate.withOwnClaims(sender, ANN, CLIENT);
        assertThat(own.parameters()).hasToString("SIZE=7 " + left);
        assertThat(own.reversePath()).isEqualTo(sender.reversePath());
    }

    @Test
    void whoClaimsNothingIsNotAskedFor() {
        EnvelopeGate gate = gate(RULES, new Policy("breaks"));
        Envelope sender = gate.mail("FROM:<a@b.test> SIZE=7", false).value();
        assertThat(gate.withOwnClaims(sender, ANN, CLIENT)).isSameAs(sender);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"FROM:<@:a@b.test>", "FROM:<@a.test,b.test:a@b.test>", "FROM:<@a b:a@b.test>", "FROM:<@a.test>"})
    void aSourceRouteThatIsNoneIsNotReadAway(String arguments) {
        assertThat(gate(RULES).mail(arguments, false).refusal().flatMap(Reply::standard))
                .contains(StandardReply.SENDER_SYNTAX);
    }
}
