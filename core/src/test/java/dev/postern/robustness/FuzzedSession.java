package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.auth.AuthGate;
import dev.postern.internal.content.ContentGate;
import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.internal.session.Capabilities;
import dev.postern.internal.session.Capabilities.StartTls;
import dev.postern.internal.session.Client;
import dev.postern.internal.session.Line;
import dev.postern.internal.session.Line.Ending;
import dev.postern.internal.session.Session;
import dev.postern.internal.session.SessionContext;
import dev.postern.internal.session.Submitter;
import dev.postern.internal.time.DeadlineException;
import dev.postern.robustness.RecordingDelivery.Delivered;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Check;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.SessionRegistry.Claim;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.spi.StandardReply;
import dev.postern.spi.TlsInfo;
import dev.postern.testkit.TestClock;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** One session, with stages whose limits are so small that chance finds them all, and the client that it pulls from. */
final class FuzzedSession implements Client {

    private static final long BLOCK = 16 * 1024;
    private static final int MOST_STEPS = 120;
    private static final int MAX_LINE = 12_288 - 2; // as the connection has it: RFC 4954 section 4
    private static final Identity ALICE = Identity.of(ClientScript.USER).withAccount("acme");
    private static final QuotaPlan PLAN = QuotaPlan.perMonth(6);

    /** What the session was given last, to which it has answered when it asks for more. */
    private enum Given {
        NOTHING,
        LINE,
        NO_LINE,
        CONTENT,
        TLS
    }

    private final SplittableRandom random;
    private final Path directory;
    private final ClientScript script;
    private final TestClock clock = new TestClock();
    private final SessionRegistry registry = SessionGate.inProcessRegistry();
    private final QuotaStore quotas = QuotaGate.inProcessStore(clock);
    private final RecordingDelivery delivery;
    private final boolean untouched;
    private final SessionGate sessions;
    private final ContentGate contents;
    private final Session session;
    private final ClientInfo client;

    private final List<Reply> replies = new ArrayList<>();
    private final StringBuilder transcript = new StringBuilder();
    private String unread = "";
    private int answered;
    private int checked;
    private boolean dots;
    private int steps;
    private long sent;
    private boolean draining;
    private Given given = Given.NOTHING;
    private String line = "";
    private byte[] buffer = {};
    private byte[] copy = {};
    private int lineStart;
    private final StringBuilder wire = new StringBuilder();

    FuzzedSession(SplittableRandom random, Path directory) {
        this.random = random;
        this.directory = directory;
        script = new ClientScript(random);
        delivery = new RecordingDelivery(random.split());
        untouched = random.nextBoolean();
        client = ClientInfo.of("s1", address("192.0.2.7"), address("192.0.2.1"));
        sessions = new SessionGate(
                SessionLimits.defaults()
                        .withPerUser(1)
                        .withPerAccount(1)
                        .withPerAddress(1)
                        .withConnections(1)
                        .withMessages(random.nextInt(1, 5))
                        .withErrors(random.nextBoolean() ? 1000 : random.nextInt(1, 6))
                        .withLoginWait(Duration.ZERO),
                Guarded.inline("SessionRegistry", registry),
                Guarded.inline("SessionPolicy", SessionPolicy.acceptAll()),
                clock);
        contents = new ContentGate("relay.test", contentRules(), storage(), SenderDomains.ofIdentity());
        steps = random.nextInt(1, MOST_STEPS);
        session = new Session(context(), client, this);
    }

    int delivered() {
        return delivery.delivered().size();
    }

    int refused() {
        return (int) replies.stream().filter(reply -> reply.code() >= 400).count();
    }

    void run() {
        try {
            session.run(client);
            assertAnswered();
            assertThat(last().closes()).as("the last words: %s", last()).isTrue();
            assertNothingSaidAtTheEnd();
        } catch (EOFException e) {
            assertNothingSaidAtTheEnd();
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(e + "\nin the session\n" + transcript, e);
        }
    }

    private void assertNothingSaidAtTheEnd() {
        session.close();
        session.close();
        assertAnswers(0);
        assertNothingHeld();
        contents.close();
        assertThat(list(directory)).as("temporary directories").isEmpty();
    }

    // what the session asks for; before it does, it has answered to what it was given

    @Override
    public Line line() throws IOException {
        assertAnswered();
        assertGoesOn();
        leaveAtTheEnd();
        while (unread.indexOf('\n') < 0) {
            unread += script.command();
        }
        int end = unread.indexOf('\n');
        line = unread.substring(0, end);
        unread = unread.substring(end + 1);
        note("C: ", line + "\n");
        given = Given.NO_LINE;
        if (!line.endsWith("\r")) {
            return new Line(octets(line), 0, line.length(), Ending.BARE);
        }
        line = line.substring(0, line.length() - 1);
        if (line.length() > MAX_LINE) {
            return new Line(octets(line), 0, line.length(), Ending.TOO_LATE);
        }
        given = Given.LINE;
        lineStart = random.nextInt(20);
        buffer = octets("?".repeat(lineStart) + line + "?".repeat(random.nextInt(20)));
        copy = buffer.clone();
        return new Line(buffer, lineStart, line.length(), Ending.CRLF);
    }

    @Override
    public Content content() {
        assertThat(given).as("content only after a command").isEqualTo(Given.LINE);
        assertNothingElseTouched();
        if (answers() == 0) {
            assertThat(line.toUpperCase(Locale.ROOT)).startsWith("BDAT ");
        } else {
            assertThat(assertAnswers(1).code()).as("before the content of DATA").isEqualTo(354);
            dots = true;
            wire.setLength(0);
        }
        given = Given.CONTENT;
        return new Octets();
    }

    /** Content in blocks of any size; other octets are around each. */
    private final class Octets implements Content {

        private String block = "";
        private byte[] around = {};
        private int start;
        private boolean ended;

        @Override
        public int await() throws IOException {
            assertThat(ended).as("all of a block inside of content was taken").isFalse();
            assertAnswers(0);
            leaveAtTheEnd();
            while (unread.isEmpty()) {
                unread = script.content();
            }
            int length = script.chance(0.5) ? unread.length() : random.nextInt(1, unread.length() + 1);
            block = unread.substring(0, length);
            start = random.nextInt(10);
            around = octets("?".repeat(start) + block + "?");
            return length;
        }

        @Override
        public byte[] buffer() {
            return around;
        }

        @Override
        public int position() {
            return start;
        }

        @Override
        public void take(int octets) {
            assertThat(octets).isBetween(0, block.length());
            note("C: ", block.substring(0, octets) + "\n");
            wire.append(block, 0, octets);
            unread = unread.substring(octets);
            ended = octets < block.length();
        }

        @Override
        public void close() {}
    }

    @Override
    public TlsInfo startTls() {
        assertNothingElseTouched();
        assertThat(assertAnswers(1).code()).as("before a TLS handshake").isEqualTo(220);
        assertThat(unread).as("said in clear, and taken for encrypted").isEmpty();
        script.encrypted();
        given = Given.TLS;
        return new TlsInfo("TLSv1.3", "TLS_AES_128_GCM_SHA256", List.of());
    }

    @Override
    public void flush() {} // what is said is there at once

    @Override
    public void say(Reply reply) {
        replies.add(reply);
        sent += reply.toString().length();
    }

    @Override
    public long received() {
        return wire.length();
    }

    @Override
    public long sent() {
        return sent;
    }

    @Override
    public boolean hasUnread() {
        return !unread.isEmpty();
    }

    @Override
    public boolean draining() {
        return draining;
    }

    @Override
    public boolean gone() {
        return false;
    }

    /** The client goes, or the session has to. */
    private void leaveAtTheEnd() throws IOException {
        if (steps-- > 0) {
            return;
        }
        given = Given.NOTHING; // but a farewell
        if (script.chance(0.5)) {
            throw new EOFException("the client goes");
        }
        switch (random.nextInt(3)) {
            case 0 -> draining = true;
            case 1 -> clock.advance(Duration.ofMinutes(31));
            default -> {} // the client is silent
        }
        throw new DeadlineException();
    }

    private void assertAnswered() {
        switch (given) {
            case NOTHING -> assertAnswers(1); // a greeting, or a farewell
            case NO_LINE -> assertAnswers(1);
            case TLS -> {
                assertAnswers(0);
                assertThat(session.idle()).as("no transaction after STARTTLS").isTrue();
            }
            case LINE -> {
                assertNothingElseTouched();
                Reply reply = assertAnswers(1);
                if (reply.standard().equals(Optional.of(StandardReply.SENDER_OK))) {
                    dots = false;
                    wire.setLength(0);
                }
                script.heard(line, reply.code());
                assertDelivered();
            }
            case CONTENT -> {
                Reply reply = assertAnswers(1);
                if (!reply.standard().equals(Optional.of(StandardReply.CHUNK_OK))) {
                    script.messageEnded();
                }
                assertDelivered();
            }
        }
    }

    /** Other octets around a line must neither be read nor changed. */
    private void assertNothingElseTouched() {
        int behind = lineStart + line.length();
        assertThat(Arrays.equals(buffer, 0, lineStart, copy, 0, lineStart)).isTrue();
        assertThat(Arrays.equals(buffer, behind, buffer.length, copy, behind, copy.length))
                .isTrue();
    }

    private void assertGoesOn() {
        assertThat(last().closes() || last().code() == 421)
                .as("a command after %s", last())
                .isFalse();
    }

    private Reply last() {
        return replies.get(replies.size() - 1);
    }

    private void assertNothingHeld() {
        assertThat(sessions.connections()).as("connections").isZero();
        assertThat(contents.memoryHeld()).as("memory").isZero();
        assertThat(list(directory).stream().flatMap(each -> list(each).stream()))
                .as("temporary files")
                .isEmpty();
        QuotaUsage usage = quotas.usage(ALICE.account(), PLAN);
        assertThat(usage.reserved()).as("quota reserved").isZero();
        assertThat(usage.used())
                .as("quota used")
                .isEqualTo(delivery.delivered().stream()
                        .filter(Delivered::accepted)
                        .mapToInt(each ->
                                each.submission().envelope().recipients().size())
                        .sum());
        assertFree(Scope.USER, ALICE.user());
        assertFree(Scope.ACCOUNT, ALICE.account());
        assertFree(Scope.ADDRESS, client.addressKey(64));
    }

    private void assertFree(Scope scope, String key) {
        assertThat(registry.acquire(new Claim(scope, key, 1, "s2")))
                .as("%s %s is free again", scope, key)
                .isPresent();
    }

    /** As many messages were accepted as the client was told, and the last one is what the client sent. */
    private void assertDelivered() {
        List<Delivered> all = delivery.delivered();
        long told = replies.stream()
                .filter(reply -> reply.standard().equals(Optional.of(StandardReply.MESSAGE_ACCEPTED)))
                .count();
        assertThat(all.stream().filter(Delivered::accepted).count())
                .as("accepted messages")
                .isEqualTo(told);
        if (all.size() > checked) {
            assertThat(all).as("messages by one end of content").hasSize(++checked);
            if (untouched) {
                String sent = wire.toString();
                assertThat(all.get(checked - 1).content())
                        .isEqualTo(dots ? ContentReference.ofData(sent) : ContentReference.ofChunks(sent));
            }
        }
    }

    // replies

    private int answers() {
        return replies.size() - answered;
    }

    /** Looks at what was said since the last time. Returns the last reply. */
    private Reply assertAnswers(int count) {
        for (Reply reply : replies.subList(answered, replies.size())) {
            String octets = octets(reply);
            note("S: ", octets);
            assertThat(ReplyForm.split(octets, false)).containsExactly(octets);
        }
        assertThat(answers()).as("replies").isEqualTo(count);
        answered = replies.size();
        return last();
    }

    private static String octets(Reply reply) {
        try {
            ByteArrayOutputStream octets = new ByteArrayOutputStream();
            reply.writeTo(octets);
            return octets.toString(StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void note(String who, String octets) {
        String shown = octets.length() > 400 ? octets.substring(0, 400) + "...\n" : octets;
        transcript
                .append(who)
                .append(shown.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0"))
                .append('\n');
    }

    // stages

    private SessionContext context() {
        Authenticator authenticator = (credentials, from) ->
                credentials.username().equals(ALICE.user()) && credentials.secretEquals(ClientScript.PASSWORD)
                        ? AuthResult.authenticated(ALICE)
                        : AuthResult.denied();
        MessageRules rules = MessageRules.defaults().withMaxSize(50_000).withMaxRecipients(random.nextInt(1, 5));
        AuthSettings logins =
                AuthSettings.passwords(authenticator).withFailures(3, Duration.ofMinutes(10), Duration.ofMinutes(5));
        AuthGate auth = new AuthGate(
                random.nextInt(8) > 0 ? logins.withPlaintext() : logins,
                SessionLimits.defaults(),
                TimeLimits.defaults(),
                new AuthGate.Directories(Guarded.inline("Authenticator", authenticator), null, null, null),
                Guarded.inline("LoginThrottle", AuthGate.inProcessThrottle(clock)),
                clock);
        EnvelopeGate envelopes = new EnvelopeGate(
                random.nextBoolean() ? rules.withDsn() : rules,
                Guarded.inline("EnvelopePolicy", EnvelopePolicy.acceptAll()));
        return new SessionContext(
                sessions,
                auth,
                envelopes,
                contents,
                new QuotaGate(Guarded.inline("QuotaStore", quotas), PLAN, RelayListener.none()),
                new Submitter(
                        delivery,
                        null,
                        Guarded.inline("ContentPolicy", ContentPolicy.acceptAll()),
                        RelayListener.none(),
                        clock,
                        Duration.ofMinutes(9)),
                new Capabilities("relay.test", "Postern", script.pick(List.of(StartTls.values())), envelopes, sessions),
                RelayListener.none());
    }

    private MessageRules contentRules() {
        MessageRules rules = MessageRules.defaults();
        if (untouched) {
            rules = rules.without(FixUp.values());
        } else if (random.nextBoolean()) {
            rules = rules.with(Check.LINE_ENDINGS);
        }
        for (Check check : List.of(Check.MIME, Check.ATTACHMENTS, Check.FROM)) {
            rules = random.nextBoolean() ? rules : rules.without(check);
        }
        return rules;
    }

    private ContentStorage storage() {
        return ContentStorage.defaults()
                .withMemoryPerMessage(random.nextInt(3) * (int) BLOCK)
                .withMemory(random.nextInt(3) * BLOCK)
                .withDirectory(directory);
    }

    private static List<Path> list(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static InetSocketAddress address(String ip) {
        try {
            return new InetSocketAddress(InetAddress.getByName(ip), 4711);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
