package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.auth.AuthGate;
import dev.postern.internal.content.ContentGate;
import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.internal.session.Stages;
import dev.postern.internal.session.SubmissionFlow;
import dev.postern.internal.session.SubmissionFlow.Expects;
import dev.postern.robustness.RecordingDelivery.Delivered;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.LoginThrottle;
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

/** One session of the state machine, with stages whose limits are so small that chance finds them all. */
final class FlowSession implements SubmissionFlow.Wire {

    private static final long BLOCK = 16 * 1024;
    private static final int MOST_STEPS = 120;
    private static final int MAX_LINE = 12_288 - 2; // as the connection has it: RFC 4954 section 4
    private static final Identity ALICE = Identity.of(ClientScript.USER).withAccount("acme");
    private static final QuotaPlan PLAN = QuotaPlan.perMonth(6);

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
    private final SubmissionFlow flow;
    private final ClientInfo client;

    private final List<Reply> replies = new ArrayList<>();
    private final StringBuilder transcript = new StringBuilder();
    private String unread = "";
    private int answered;
    private int checked;
    private boolean dots;
    private final StringBuilder wire = new StringBuilder();

    FlowSession(SplittableRandom random, Path directory) {
        this.random = random;
        this.directory = directory;
        script = new ClientScript(random);
        delivery = new RecordingDelivery(random.split());
        untouched = random.nextBoolean();
        client = ClientInfo.of("s1", address("192.0.2.7"), address("192.0.2.1"));
        sessions = new SessionGate(
                new SessionGate.Limits(
                        1, 1, 1, 64, 1, random.nextInt(1, 5), Optional.of(Duration.ofMinutes(30)), Duration.ZERO),
                Guarded.inline("SessionRegistry", registry),
                Guarded.inline("SessionPolicy", SessionPolicy.acceptAll()),
                clock);
        contents = new ContentGate(contentSettings(), SenderDomains.ofIdentity(), clock);
        flow = new SubmissionFlow(stages(), client, this);
    }

    int delivered() {
        return delivery.delivered().size();
    }

    int refused() {
        return (int) replies.stream().filter(reply -> reply.code() >= 400).count();
    }

    void run() {
        try {
            flow.open();
            assertAnswers(1);
            int steps = random.nextInt(1, MOST_STEPS);
            while (flow.expects() != Expects.NOTHING && steps-- > 0) {
                step();
            }
            end();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(e + "\nin the session\n" + transcript, e);
        }
    }

    private void step() {
        switch (flow.expects()) {
            case LINE -> line();
            case CONTENT -> content();
            case TLS_HANDSHAKE -> handshake();
            case NOTHING -> throw new AssertionError("nothing is expected");
        }
    }

    private void line() {
        while (unread.indexOf('\n') < 0) {
            unread += script.command();
        }
        int end = unread.indexOf('\n');
        String line = unread.substring(0, end);
        unread = unread.substring(end + 1);
        note("C: ", line + "\n");
        if (!line.endsWith("\r")) {
            flow.lineMalformed(octets(line), 0, line.length());
        } else if (line.length() - 1 > MAX_LINE) {
            flow.lineTooLong(octets(line), 0, line.length());
        } else {
            feedLine(line.substring(0, line.length() - 1));
            return;
        }
        assertAnswers(1);
        assertThat(flow.expects()).as("after no command").isNotEqualTo(Expects.CONTENT);
    }

    /** Other octets around the line must neither be read nor changed. */
    private void feedLine(String line) {
        int before = random.nextInt(20);
        byte[] buffer = octets("?".repeat(before) + line + "?".repeat(random.nextInt(20)));
        byte[] copy = buffer.clone();
        flow.line(buffer, before, line.length());
        assertThat(Arrays.equals(buffer, 0, before, copy, 0, before)).isTrue();
        int behind = before + line.length();
        assertThat(Arrays.equals(buffer, behind, buffer.length, copy, behind, copy.length))
                .isTrue();

        boolean chunk = flow.expects() == Expects.CONTENT && answers() == 0;
        if (chunk) {
            assertThat(line.toUpperCase(Locale.ROOT)).startsWith("BDAT ");
            return;
        }
        Reply reply = assertAnswers(1);
        if (flow.expects() == Expects.CONTENT) {
            assertThat(reply.code()).as("before the content of DATA").isEqualTo(354);
            dots = true;
            wire.setLength(0);
        } else if (flow.expects() == Expects.TLS_HANDSHAKE) {
            assertThat(reply.code()).as("before a TLS handshake").isEqualTo(220);
        }
        if (reply.standard().equals(Optional.of(StandardReply.SENDER_OK))) {
            dots = false;
            wire.setLength(0);
        }
        script.heard(line, reply.code());
        assertDelivered();
    }

    private void content() {
        if (unread.isEmpty()) {
            unread = script.content();
        }
        int length = script.chance(0.5) ? unread.length() : random.nextInt(unread.length() + 1);
        int before = random.nextInt(10);
        String block = unread.substring(0, length);
        int consumed = flow.content(octets("?".repeat(before) + block + "?"), before, length);
        assertThat(consumed).isBetween(0, length);
        note("C: ", block.substring(0, consumed) + "\n");
        wire.append(block, 0, consumed);
        unread = unread.substring(consumed);
        if (flow.expects() == Expects.CONTENT) {
            assertThat(consumed).as("all of a block inside of content").isEqualTo(length);
            assertAnswers(0);
            return;
        }
        Reply reply = assertAnswers(1);
        if (!reply.standard().equals(Optional.of(StandardReply.CHUNK_OK))) {
            script.messageEnded();
        }
        assertDelivered();
    }

    private void handshake() {
        unread = "";
        flow.tlsStarted(new TlsInfo("TLSv1.3", "TLS_AES_128_GCM_SHA256", List.of()));
        script.encrypted();
        assertAnswers(0);
        assertThat(flow.expects()).isEqualTo(Expects.LINE);
        assertThat(flow.idle()).as("a transaction after STARTTLS").isTrue();
    }

    private void end() {
        if (flow.expects() != Expects.NOTHING && script.chance(0.5)) {
            flow.farewell(script.pick(
                    List.of(StandardReply.INACTIVITY, StandardReply.SHUTTING_DOWN, StandardReply.SESSION_LIFETIME)));
            assertThat(assertAnswers(1).code()).isEqualTo(421);
            assertThat(flow.expects()).isEqualTo(Expects.NOTHING);
        }
        flow.close();
        flow.close();
        assertAnswers(0);
        assertThat(flow.expects()).isEqualTo(Expects.NOTHING);
        assertNothingHeld();
        contents.close();
        assertThat(list(directory)).as("temporary directories").isEmpty();
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

    @Override
    public void reply(Reply reply) {
        replies.add(reply);
    }

    @Override
    public boolean gone() {
        return false;
    }

    @Override
    public boolean hasUnread() {
        return !unread.isEmpty();
    }

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
        Reply last = replies.get(answered - 1);
        if (count == 0) {
            return last;
        }
        boolean over = flow.expects() == Expects.NOTHING;
        if (last.closes() || last.code() == 421 || last.code() == 221) {
            assertThat(over).as("closed after %s", last).isTrue();
        } else if (over) {
            assertThat(last.code())
                    .as("the last words but for commands behind STARTTLS")
                    .isEqualTo(503);
        }
        return last;
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

    private Stages stages() {
        Authenticator authenticator = (credentials, from) ->
                credentials.username().equals(ALICE.user()) && credentials.secretEquals(ClientScript.PASSWORD)
                        ? AuthResult.authenticated(ALICE)
                        : AuthResult.denied();
        boolean dsn = random.nextBoolean();
        int maxRecipients = random.nextInt(1, 5);
        return new Stages(
                new Stages.Settings(
                        "relay.test",
                        "Postern",
                        random.nextBoolean(),
                        50_000,
                        4,
                        maxRecipients,
                        random.nextBoolean() ? 1000 : random.nextInt(1, 6),
                        dsn,
                        Duration.ofMinutes(9)),
                sessions,
                new AuthGate(
                        new AuthGate.Settings(
                                random.nextInt(8) > 0,
                                new LoginThrottle.Rule(3, Duration.ofMinutes(10), Duration.ofMinutes(5)),
                                64,
                                List.of()),
                        Guarded.inline("Authenticator", authenticator),
                        null,
                        Guarded.inline("LoginThrottle", AuthGate.inProcessThrottle(clock)),
                        clock),
                new EnvelopeGate(
                        new EnvelopeGate.Limits(50_000, maxRecipients, dsn),
                        Guarded.inline("EnvelopePolicy", EnvelopePolicy.acceptAll())),
                contents,
                new QuotaGate(Guarded.inline("QuotaStore", quotas), PLAN, RelayListener.none()),
                Guarded.inline("ContentPolicy", ContentPolicy.acceptAll()),
                delivery,
                RelayListener.none(),
                clock);
    }

    private ContentGate.Settings contentSettings() {
        long budget = random.nextInt(3) * BLOCK;
        return new ContentGate.Settings(
                "relay.test",
                random.nextInt(3) * (int) BLOCK,
                budget,
                directory,
                random.nextBoolean() && !untouched,
                !untouched,
                !untouched,
                !untouched,
                !untouched,
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean(),
                false,
                50,
                50,
                1000,
                1 << 20,
                2000);
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
