package dev.postern.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.auth.AuthGate;
import dev.postern.internal.content.ContentGate;
import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.internal.session.SubmissionFlow.Expects;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.Submission;
import dev.postern.testkit.TestClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A session without sockets, written as the RFCs write theirs: {@code C:} and {@code S:} lines. C: lines that follow each
 * other are one pipelined group, and S: lines are all the replies to it. {@code ...} at the end of an S: line stands for
 * anything.
 */
final class Dialogue implements AutoCloseable {

    static final String AUTH = "AUTH PLAIN AGFsaWNlQGNsaWVudC50ZXN0AGFsaWNl"; // alice@client.test, alice

    /** A message as C: lines. */
    static final String MESSAGE = """
            C: From: alice@client.test
            C: Subject: hi
            C:
            C: Hello
            """;

    static final int MESSAGE_OCTETS = 25 + 13 + 2 + 7;
    static final DeliveryResult ACCEPTED =
            new DeliveryResult.Accepted("memory", Reply.fromUpstream(250, List.of("2.0.0 Ok 1")));

    final TestClock clock = new TestClock();
    final List<String> relayed = new ArrayList<>();
    final List<RelayEvent> events = new ArrayList<>();
    final ContentGate contents;
    final QuotaStore quotas = QuotaGate.inProcessStore(clock);
    final SessionGate sessions;
    final SubmissionFlow flow;
    private final ByteArrayOutputStream replies = new ByteArrayOutputStream();
    private byte[] unread = new byte[0];
    private int position;

    private Dialogue(boolean tlsAvailable, boolean plaintext, Function<Submission, DeliveryResult> upstream) {
        sessions = new SessionGate(
                new SessionGate.Limits(10, 50, 50, 64, 1000, 2, Optional.of(Duration.ofMinutes(30)), Duration.ZERO),
                Guarded.inline("SessionRegistry", SessionGate.inProcessRegistry()),
                Guarded.inline("SessionPolicy", SessionPolicy.acceptAll()),
                clock);
        contents = new ContentGate(ContentGate.Settings.defaults("relay.test"), SenderDomains.ofIdentity(), clock);
        Stages stages = new Stages(
                new Stages.Settings("relay.test", "Postern", tlsAvailable, 2000, 2, 3, 5, false, Duration.ofMinutes(9)),
                sessions,
                new AuthGate(
                        new AuthGate.Settings(
                                plaintext,
                                new LoginThrottle.Rule(3, Duration.ofMinutes(10), Duration.ofMinutes(5)),
                                64,
                                List.of()),
                        Guarded.inline("Authenticator", Authenticator.of(Map.of("alice@client.test", "alice"))),
                        null,
                        Guarded.inline("LoginThrottle", AuthGate.inProcessThrottle(clock)),
                        clock),
                new EnvelopeGate(
                        new EnvelopeGate.Limits(2000, 3, false),
                        Guarded.inline("EnvelopePolicy", EnvelopePolicy.acceptAll())),
                contents,
                new QuotaGate(Guarded.inline("QuotaStore", quotas), QuotaPlan.perMonth(5), RelayListener.none()),
                Guarded.inline("ContentPolicy", ContentPolicy.acceptAll()),
                submission -> {
                    relayed.add(text(submission));
                    return upstream.apply(submission);
                },
                events::add,
                clock);
        InetSocketAddress here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 25);
        flow = new SubmissionFlow(stages, ClientInfo.of("s-1", here, here), new SubmissionFlow.Wire() {
            @Override
            public void reply(Reply reply) {
                try {
                    reply.writeTo(replies);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public boolean gone() {
                return false;
            }

            @Override
            public boolean hasUnread() {
                return position < unread.length;
            }
        });
        flow.open();
    }

    // the ladder

    static Dialogue connected() {
        return new Dialogue(false, true, submission -> ACCEPTED);
    }

    static Dialogue greeted() {
        return connected()
                .said(
                        "C: EHLO client.test",
                        "S: 220...\nS: 250-relay.test\n" + "S: 250-...\n".repeat(8) + "S: 250 HELP");
    }

    static Dialogue loggedIn() {
        return loggedIn(submission -> ACCEPTED);
    }

    static Dialogue loggedIn(Function<Submission, DeliveryResult> upstream) {
        return new Dialogue(false, true, upstream)
                .said(
                        "C: EHLO client.test",
                        "S: 220...\nS: 250-relay.test\n" + "S: 250-...\n".repeat(8) + "S: 250 HELP")
                .said("C: " + AUTH, "S: 235 2.7.0 Authentication succeeded");
    }

    static Dialogue atRcpt() {
        return loggedIn().plays("""
                C: MAIL FROM:<alice@client.test>
                S: 250 2.1.0 Sender ok
                C: RCPT TO:<bob@dest.test>
                S: 250 2.1.5 Recipient ok
                """);
    }

    static Dialogue withTls(boolean plaintext) {
        return new Dialogue(true, plaintext, submission -> ACCEPTED);
    }

    // playing

    Dialogue said(String client, String server) {
        return plays(client + "\n" + server + "\n");
    }

    /** Plays a script from its beginning to its end. */
    Dialogue plays(String script) {
        StringBuilder group = new StringBuilder();
        List<String> expected = new ArrayList<>();
        for (String line : script.split("\n", -1)) {
            if (line.startsWith("C:")) {
                if (!expected.isEmpty()) {
                    exchange(group, expected);
                }
                group.append(line.length() > 3 ? line.substring(3) : "").append("\r\n");
            } else if (line.startsWith("S:")) {
                expected.add(line.substring(3));
            } else {
                assertThat(line).as("a line of a script is C: or S:").isBlank();
            }
        }
        exchange(group, expected);
        return this;
    }

    private void exchange(StringBuilder group, List<String> expected) {
        feed(group.toString());
        String got = replies.toString(StandardCharsets.ISO_8859_1);
        replies.reset();
        String wanted = String.join("\r\n", expected) + (expected.isEmpty() ? "" : "\r\n");
        List<String> lines = got.isEmpty()
                ? List.of()
                : List.of(got.substring(0, got.length() - 2).split("\r\n", -1));
        boolean same = lines.size() == expected.size();
        for (int i = 0; same && i < lines.size(); i++) {
            String want = expected.get(i);
            same = want.endsWith("...")
                    ? lines.get(i).startsWith(want.substring(0, want.length() - 3))
                    : lines.get(i).equals(want);
        }
        if (!same) {
            assertThat(got).as("replies to <%s>", group).isEqualTo(wanted);
        }
        group.setLength(0);
        expected.clear();
    }

    /** Feeds octets as a connection does: lines and content, as the flow expects them. */
    void feed(String octets) {
        unread = octets.getBytes(StandardCharsets.UTF_8);
        position = 0;
        while (position < unread.length
                && flow.expects() != Expects.NOTHING
                && flow.expects() != Expects.TLS_HANDSHAKE) {
            if (flow.expects() == Expects.CONTENT) {
                position += flow.content(unread, position, unread.length - position);
            } else {
                int end = position;
                while (unread[end] != '\r') {
                    end++;
                }
                int start = position;
                position = end + 2;
                flow.line(unread, start, end - start);
            }
        }
    }

    /** The octets that were fed last, as the flow left them. */
    byte[] fed() {
        return unread;
    }

    /** Ends the session, and shows that it let everything go. */
    @Override
    public void close() {
        flow.close();
        assertThat(contents.memoryHeld()).as("memory held").isZero();
        assertThat(sessions.connections()).as("connections").isZero();
        assertThat(quotas.usage("client.test", QuotaPlan.perMonth(5)).reserved())
                .as("quota reserved")
                .isZero();
        contents.close();
    }

    private static String text(Submission submission) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            submission.content().writeTo(out);
            return submission.envelope().reversePath() + ">"
                    + submission.envelope().recipients().stream()
                            .map(r -> r.address().toString())
                            .toList()
                    + out.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
