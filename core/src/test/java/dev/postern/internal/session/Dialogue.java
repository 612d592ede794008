package dev.postern.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Script;
import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.auth.AuthGate;
import dev.postern.internal.content.ContentGate;
import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.internal.session.Capabilities.StartTls;
import dev.postern.internal.time.DeadlineException;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.Submission;
import dev.postern.spi.TlsInfo;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.TestClock;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A session without sockets, which holds a {@link Script}.
 *
 * <p>The session has a thread of its own, for it waits where a client does. It and the test take turns: the one stands
 * still while the other goes on.
 */
final class Dialogue implements Client, AutoCloseable {

    /** More than any step of a session takes. */
    private static final int PATIENCE_SECONDS = 30;

    private static final Pattern REPLY = Pattern.compile("(?:[0-9]{3}-[^\r]*\r\n)*[0-9]{3}(?: [^\r]*)?\r\n");

    static final TlsInfo TLS = new TlsInfo("TLSv1.3", "TLS_AES_128_GCM_SHA256", List.of());

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
            DeliveryResult.accepted("memory", Reply.fromUpstream(250, List.of("2.0.0 Ok 1")));

    final TestClock clock = new TestClock();
    final List<String> relayed = new ArrayList<>();
    final List<RelayEvent> events = new ArrayList<>();
    final ContentGate contents;
    final QuotaStore quotas = QuotaGate.inProcessStore(clock);
    final SessionGate sessions;
    final Session session;
    private final ByteArrayOutputStream replies = new ByteArrayOutputStream();
    private final Semaphore sessionsTurn = new Semaphore(0);
    private final Semaphore testsTurn = new Semaphore(0);
    private byte[] unread = new byte[0];
    private int position;
    private int limit;
    private long received;
    private long sent;
    private @Nullable Line noLine;
    private @Nullable IOException interruption;
    private @Nullable Throwable defect;
    private boolean draining;
    private boolean over;

    /** What a test may change. */
    static final class Parts {
        StartTls startTls = StartTls.UNAVAILABLE;
        boolean plaintext = true;
        UpstreamDelivery upstream = submission -> ACCEPTED;
        Authenticator users = Authenticator.of(Map.of("alice@client.test", "alice"));

        @Nullable
        Authenticator tokens;

        @Nullable
        Identity trusted;

        SessionPolicy sessions = SessionPolicy.acceptAll();
        EnvelopePolicy envelopes = EnvelopePolicy.acceptAll();
        ContentPolicy contents = ContentPolicy.acceptAll();
    }

    /** A session with parts of the test's own, before its greeting. */
    static Dialogue with(Consumer<Parts> change) {
        Parts parts = new Parts();
        change.accept(parts);
        return new Dialogue(parts);
    }

    private static Dialogue with(StartTls startTls, boolean plaintext, Function<Submission, DeliveryResult> upstream) {
        return with(parts -> {
            parts.startTls = startTls;
            parts.plaintext = plaintext;
            parts.upstream = upstream::apply;
        });
    }

    private Dialogue(Parts parts) {
        SessionLimits limits =
                SessionLimits.defaults().withMessages(2).withErrors(5).withLoginWait(Duration.ZERO);
        MessageRules rules = MessageRules.defaults().withMaxSize(2000).withMaxRecipients(3);
        sessions = new SessionGate(
                limits,
                Guarded.inline("SessionRegistry", SessionGate.inProcessRegistry()),
                Guarded.inline("SessionPolicy", parts.sessions),
                clock);
        contents = new ContentGate("relay.test", rules, ContentStorage.defaults(), SenderDomains.ofIdentity());
        AuthSettings logins =
                AuthSettings.passwords(parts.users).withFailures(3, Duration.ofMinutes(10), Duration.ofMinutes(5));
        if (parts.trusted != null) {
            logins = logins.withTrusted("127.0.0.0/8", parts.trusted);
        }
        AuthGate auth = new AuthGate(
                parts.plaintext ? logins.withPlaintext() : logins,
                limits,
                TimeLimits.defaults(),
                new AuthGate.Directories(
                        Guarded.inline("Authenticator", parts.users),
                        parts.tokens == null ? null : Guarded.inline("Authenticator", parts.tokens),
                        null,
                        null),
                Guarded.inline("LoginThrottle", AuthGate.inProcessThrottle(clock)),
                clock);
        EnvelopeGate envelopes = new EnvelopeGate(rules, Guarded.inline("EnvelopePolicy", parts.envelopes));
        SessionContext context = new SessionContext(
                sessions,
                auth,
                envelopes,
                contents,
                new QuotaGate(Guarded.inline("QuotaStore", quotas), QuotaPlan.perMonth(5), RelayListener.none()),
                new Submitter(
                        new UpstreamDelivery() {
                            @Override
                            public DeliveryResult deliver(Submission submission) {
                                relayed.add(text(submission));
                                return parts.upstream.deliver(submission);
                            }

                            @Override
                            public int maxRecipients() {
                                return parts.upstream.maxRecipients();
                            }
                        },
                        null,
                        Guarded.inline("ContentPolicy", parts.contents),
                        RelayListener.of(events::add),
                        clock,
                        Duration.ofMinutes(9)),
                new Capabilities("relay.test", "Postern", parts.startTls, envelopes, sessions),
                RelayListener.of(events::add));
        InetSocketAddress here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 25);
        ClientInfo client = ClientInfo.of("s-1", here, here);
        session = new Session(context, client, this);
        Thread thread = new Thread(() -> run(client), "a dialogue's session");
        thread.setDaemon(true);
        thread.start();
        goOn();
    }

    private void run(ClientInfo client) {
        sessionsTurn.acquireUninterruptibly();
        try {
            session.admit(client);
            session.run(client);
        } catch (IOException e) {
            defect = e == interruption ? null : e;
        } catch (RuntimeException | Error e) {
            defect = e;
        } finally {
            over = true;
            testsTurn.release();
        }
    }

    /** Lets the session go on until it waits for more than there is, or is over. */
    private void goOn() {
        sessionsTurn.release();
        try {
            if (!testsTurn.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the session does not come to a wait");
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
        if (defect != null) {
            throw new AssertionError("the session broke", defect);
        }
    }

    /** Lets the test go on until it has something for the session. */
    private void await() throws IOException {
        testsTurn.release();
        sessionsTurn.acquireUninterruptibly();
        IOException ended = interruption;
        if (ended instanceof DeadlineException) {
            interruption = null; // what follows is another wait
        }
        if (ended != null) {
            throw ended;
        }
    }

    // the client, as the session sees it

    @Override
    public Line line() throws IOException {
        while (noLine == null && position == limit) {
            await();
        }
        Line given = noLine;
        if (given != null) {
            noLine = null;
            return given;
        }
        int start = position;
        while (unread[position] != '\r') {
            position++;
        }
        position += 2;
        return new Line(unread, start, position - 2 - start, Line.Ending.CRLF);
    }

    @Override
    public Content content() {
        return new Content() {
            @Override
            public int await() throws IOException {
                while (position == limit) {
                    Dialogue.this.await();
                }
                return limit - position;
            }

            @Override
            public byte[] buffer() {
                return unread;
            }

            @Override
            public int position() {
                return position;
            }

            @Override
            public void take(int octets) {
                position += octets;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public TlsInfo startTls() {
        return TLS;
    }

    @Override
    public void flush() {} // what is said is there at once

    @Override
    public void say(Reply reply) {
        int before = replies.size();
        try {
            reply.writeTo(replies);
            sent += replies.size() - before;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public long received() {
        return received;
    }

    @Override
    public long sent() {
        return sent;
    }

    @Override
    public boolean hasUnread() {
        return position < limit;
    }

    @Override
    public boolean draining() {
        return draining;
    }

    @Override
    public boolean gone() {
        return false;
    }

    // the ladder

    static Dialogue connected() {
        return with(parts -> {});
    }

    static Dialogue greeted() {
        return connected().said("C: EHLO client.test", "S: 220 *\nS: 250-relay.test\nS: ...\nS: 250 HELP");
    }

    static Dialogue loggedIn() {
        return loggedIn(submission -> ACCEPTED);
    }

    static Dialogue loggedIn(Function<Submission, DeliveryResult> upstream) {
        return with(StartTls.UNAVAILABLE, true, upstream)
                .said("C: EHLO client.test", "S: 220 *\nS: 250-relay.test\nS: ...\nS: 250 HELP")
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
        return with(StartTls.AVAILABLE, plaintext, submission -> ACCEPTED);
    }

    // playing

    Dialogue said(String client, String server) {
        return plays(client + "\n" + server + "\n");
    }

    /** Holds a {@link Script}; its replies are all that there are. */
    Dialogue plays(String script) {
        Script.hold(script, new Peer());
        assertThat(replies.toString(StandardCharsets.ISO_8859_1))
                .as("replies behind those of the script")
                .isEmpty();
        return this;
    }

    private final class Peer implements Script.Peer {

        private final StringBuilder transcript = new StringBuilder();

        @Override
        public void send(String octets) {
            if (received > 0) { // the greeting may wait for the first command
                assertThat(replies.toString(StandardCharsets.ISO_8859_1))
                        .as("replies that the script has not, before %s", octets)
                        .isEmpty();
            }
            transcript.append("C: ").append(octets);
            feed(octets);
        }

        @Override
        public String reply() {
            String all = replies.toString(StandardCharsets.ISO_8859_1);
            Matcher first = REPLY.matcher(all);
            String reply = first.lookingAt() ? first.group() : "";
            replies.reset();
            replies.writeBytes(all.substring(reply.length()).getBytes(StandardCharsets.ISO_8859_1));
            transcript.append("S: ").append(reply);
            return reply;
        }

        @Override
        public void shakeHands() {
            throw new UnsupportedOperationException("a session without sockets shakes hands by itself");
        }

        @Override
        public void assertClosed() {
            assertThat(over).as("over").isTrue();
        }

        @Override
        public String transcript() {
            return transcript.toString();
        }
    }

    /** Sends octets, of which the session takes all, unless it ends. */
    void feed(String octets) {
        byte[] sent = octets.getBytes(StandardCharsets.UTF_8);
        feed(sent, 0, sent.length);
    }

    /** Sends octets from a buffer in which the session may wipe them. */
    void feed(byte[] buffer, int offset, int length) {
        unread = buffer;
        position = offset;
        limit = offset + length;
        received += length;
        if (!over) {
            goOn();
        }
    }

    /** Sends what is no line, or the beginning of one that is too long. */
    void sends(byte[] octets, Line.Ending ending) {
        noLine = new Line(octets, 0, octets.length, ending);
        goOn();
    }

    /** Lets the session wait for too long. */
    void timesOut() {
        interruption = new DeadlineException();
        goOn();
    }

    /** Lets the relay stop; nobody is woken by it. */
    void drains() {
        draining = true;
    }

    boolean over() {
        return over;
    }

    /** Ends the session, and shows that it let everything go. */
    @Override
    public void close() {
        if (!over) {
            interruption = new EOFException("the client has gone");
            goOn();
        }
        session.close();
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
