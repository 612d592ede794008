package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import dev.postern.robustness.Await;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.UpstreamTimeouts;
import dev.postern.testkit.Access;
import dev.postern.testkit.Ladder;
import dev.postern.testkit.Leak;
import dev.postern.testkit.RelayEnvironment;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.TestRelay;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A relay with two listeners between clients and a fake upstream, on a test clock. Users: alice and anna of account
 * acme, bert of account beta, dora of the disabled account dead; the password is the name before the at sign.
 */
public final class Scene implements AutoCloseable {

    public static final String MESSAGE =
            "From: alice@client.test\r\nDate: Thu, 15 Jan 2026 12:00:00 +0000\r\nMessage-ID: <1@client.test>\r\n"
                    + "Subject: hello\r\n\r\nHow are you?\r\n";

    private static final String ALICE = "alice@client.test";

    private static final Duration CONNECT_TIMEOUT = Duration.ofHours(20);

    // so long to connect that a test which moves the clock for a command does not end a connect that is slow
    private static final UpstreamTimeouts TIMEOUTS = UpstreamTimeouts.defaults()
            .withConnect(CONNECT_TIMEOUT)
            .withGreeting(CONNECT_TIMEOUT)
            .withCommand(CONNECT_TIMEOUT)
            .withDelivery(Duration.ofDays(1));

    public final FakeUpstream upstream;
    public final TestClock clock;
    public final SmtpRelay relay;
    private final TestRelay running;

    private Scene(UnaryOperator<SmtpRelayBuilder> settings, Function<FakeUpstream, Upstream> way) {
        SmtpRelay[] started = new SmtpRelay[1];
        try {
            running = TestRelay.start(env -> {
                        started[0] = start(env, settings, way);
                        List<InetSocketAddress> listeners = started[0].addresses();
                        return new RelayUnderTest(listeners.get(0), Optional.of(listeners.get(1)), started[0]);
                    })
                    // a test of what a relay says may well leave unread what it says next
                    .allowing(Leak.UNREAD_REPLY, Leak.UNSEEN_MESSAGE);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        relay = started[0];
        upstream = running.upstream();
        clock = running.clock();
    }

    private static SmtpRelay start(
            RelayEnvironment env, UnaryOperator<SmtpRelayBuilder> settings, Function<FakeUpstream, Upstream> way) {
        return settings.apply(SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .listenTls("127.0.0.1", 0)
                        .hostName("relay.test")
                        .tls(TlsSettings.of(ServerTls.context()))
                        .clock(env.clock()))
                .upstream(way.apply(env.upstream()))
                .start();
    }

    /** A relay with the defaults, and AUTH allowed in clear. */
    public static Scene open() {
        return open(builder -> builder);
    }

    /** A relay with the users, AUTH allowed in clear, and something changed. */
    public static Scene open(UnaryOperator<SmtpRelayBuilder> change) {
        return open(change, Scene::inClear);
    }

    /** A relay with the users, and a way of its own to the upstream, which may be changed before. */
    public static Scene open(UnaryOperator<SmtpRelayBuilder> change, Function<FakeUpstream, Upstream> way) {
        return new Scene(builder -> change.apply(builder.auth(auth())), way);
    }

    /** A relay that has no users yet. */
    public static Scene bare(UnaryOperator<SmtpRelayBuilder> change) {
        return new Scene(change, Scene::inClear);
    }

    static Upstream inClear(FakeUpstream server) {
        return Upstream.smtp("127.0.0.1", server.port()).timeouts(TIMEOUTS);
    }

    /** Makes the upstream one with STARTTLS and a login. */
    public static Upstream byStartTlsAndLogin(FakeUpstream server) {
        server.withStartTls(TestCertificates.serverContext()).withCredentials("postern", "battery staple");
        return Upstream.startTls("localhost", server.port())
                .tls(TestCertificates.clientContext())
                .login("postern", "battery staple")
                .timeouts(TIMEOUTS);
    }

    /** The users, and AUTH allowed in clear. */
    public static AuthSettings auth() {
        return AuthSettings.passwords(users()).withPlaintext();
    }

    public static Authenticator users() {
        return Authenticator.inMemory()
                .user(Identity.of("alice@client.test").withAccount("acme"), "alice")
                .user(Identity.of("anna@client.test").withAccount("acme"), "anna")
                .user(Identity.of("bert@beta.test").withAccount("beta"), "bert")
                .user(Identity.of("dora@dead.test").withAccount("dead"), "dora")
                .relayDisabled("dead")
                .build();
    }

    /** To the relay itself: octets and their pace are a part of what is tested. */
    Ladder ladder(Access access) {
        return running.ladder().directly().over(access);
    }

    /** A connection of which nothing was read yet. */
    public SmtpProbe connect(Access access) {
        return ladder(access).connect();
    }

    /** A connection in clear from another address of this machine. */
    public SmtpProbe connectFrom(String address) throws UnknownHostException {
        return ladder(Access.CLEAR).connectFrom(InetAddress.getByName(address));
    }

    /** Has said EHLO, over TLS when asked for. */
    public SmtpProbe ready(Access access) {
        return ladder(access).afterEhlo();
    }

    /** Has logged in. */
    public SmtpProbe loggedIn(Access access, String user) {
        return as(access, user).authenticated();
    }

    private Ladder as(Access access, String user) {
        return ladder(access).as(user, user.substring(0, user.indexOf('@')));
    }

    public SmtpProbe alice(Access access) {
        return loggedIn(access, ALICE);
    }

    public SmtpProbe alice() {
        return alice(Access.CLEAR);
    }

    /** Has said MAIL and RCPT. */
    public SmtpProbe atRcpt(Access access, String... recipients) {
        return as(access, ALICE).atRcpt(ALICE, recipients.length == 0 ? new String[] {"bob@dest.test"} : recipients);
    }

    /** Says MAIL and RCPT. */
    public static void envelope(SmtpProbe probe, String... recipients) {
        assertThat(probe.mail(ALICE)).hasCode(250);
        for (String recipient : recipients.length == 0 ? new String[] {"bob@dest.test"} : recipients) {
            assertThat(probe.rcpt(recipient)).hasCode(250);
        }
    }

    /** Sends one message that is accepted. */
    public static void send(SmtpProbe probe) {
        envelope(probe);
        assertThat(probe.data(MESSAGE)).hasCode(250);
    }

    /** Reads a reply that comes when enough time has passed. */
    ProbeReply replyInTime(SmtpProbe probe, Duration step) {
        return clock.advanceUntil(step, probe::readReply);
    }

    /**
     * Reads the reply to a message whose upstream is faulty at a stage, and lets time pass until it comes. Not before the
     * upstream has got that far: on a busy machine the time for the whole reply would be over before it is reached.
     */
    ProbeReply replyInTime(SmtpProbe probe, Stage faulty) {
        if (faulty.compareTo(Stage.MAIL) < 0) {
            upstream.awaitFault(); // the client's own times would pass
            return replyInTime(probe, CONNECT_TIMEOUT);
        }
        Await.until("MAIL has come", () -> upstream.commands().stream().anyMatch(line -> line.startsWith("MAIL")));
        return replyInTime(probe, Duration.ofMinutes(1));
    }

    /** Closes everything, and shows that the relay let everything go. */
    @Override
    public void close() {
        running.close();
        org.assertj.core.api.Assertions.assertThat(relay.connections())
                .as("connections after close")
                .isZero();
    }
}
