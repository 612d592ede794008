package dev.postern.examples.quickstart;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.jdbc.Backend;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The quickstart keeps mail. */
class SpooledRelayTest {

    @TempDir
    private Path directory;

    /** Its upstream is away, it is killed, and started again: what it answered by 250 is there. */
    @Test
    void killedWithMailInTheSpool_itArrivesAfterTheNextStart() throws Exception {
        killsAndStartsAgain(directory.resolve("spool").toString());
    }

    /** The same in a database, with a driver that the jar does not have. */
    @Test
    @Tag("tools")
    @EnabledIfSystemProperty(named = "postern.tools", matches = "all", disabledReason = "starts a database server")
    void killedWithMailInADatabase_itArrivesAfterTheNextStart() throws Exception {
        killsAndStartsAgain(Backend.MARIADB.freshUrl());
    }

    /** Of the pool, which would let them wait for half a minute; a statement may take as long as that. */
    @Test
    void clientsWaitTenSecondsForADatabaseThatIsAway() {
        String url = "jdbc:postgresql://127.0.0.1/spool";
        Options options = Configuration.of(
                        Quickstart.commandLine(new Quickstart(System.out, Map.of()))
                                .parseArgs("--spool", url),
                        Map.of())
                .options();
        assertThat(new SpoolSetup(options, new RelayLimits()).pool(url).getConnectionTimeout())
                .isEqualTo(10_000);
    }

    /** The one is tried again in an hour, and it alone; the other does not wait for it, nor has its words. */
    @Test
    void recipientRefusedForNow_keepsTheMessageFromNobodyElse() throws Exception {
        try (FakeUpstream upstream = FakeUpstream.start();
                RelayProcess relay =
                        start(upstream.port(), directory.resolve("spool").toString(), "1h")) {
            upstream.scriptRecipient("busy@example.net", Fault.reply("450 4.2.1 busy"));
            send(relay.awaitListener("plain"), "busy@example.net", "bob@example.net");
            assertThat(upstream.awaitMessage().recipientAddresses()).containsExactly("bob@example.net");
            String url = management(relay);
            while (!get(url + "/spool").contains("\"attempts\":1")) {
                Thread.onSpinWait();
            }
            assertThat(get(url + "/spool"))
                    .contains("{\"address\":\"busy@example.net\",\"status\":\"waiting\",\"reply\":\"450 4.2.1 busy\"}")
                    .contains("{\"address\":\"bob@example.net\",\"status\":\"relayed\",\"reply\":\"250 ");
        }
    }

    /** Of the upstream behind the spool, too: when it speaks, the client's session has its reply. */
    @Test
    void meters_tellWhatTheUpstreamSaid() throws Exception {
        try (FakeUpstream upstream = FakeUpstream.start();
                RelayProcess relay =
                        start(upstream.port(), directory.resolve("spool").toString(), "1h")) {
            upstream.scriptRecipient("gone@example.net", Fault.reply("550 5.1.1 gone"));
            send(relay.awaitListener("plain"), "gone@example.net");
            assertThat(upstream.awaitMessage().recipientAddresses()).containsExactly("demo@example.org");
            String url = management(relay);
            String named = "relay=\"postern\",upstream=\"127.0.0.1:" + upstream.port() + "\"} 1\n";
            for (String metrics = get(url + "/metrics");
                    !metrics.contains("postern_upstream_delivery_seconds_count{outcome=\"accepted\"," + named);
                    metrics = get(url + "/metrics")) {
                Thread.onSpinWait(); // the notice is there, and its upstream's reply not yet
            }
            assertThat(get(url + "/metrics"))
                    .contains(
                            "postern_upstream_delivery_seconds_count{outcome=\"rejected\"," + named,
                            "postern_spool_bounces_total{relay=\"postern\"} 1.0\n")
                    .doesNotContain(
                            "postern_upstream_delivery_seconds_sum{outcome=\"accepted\",relay=\"postern\",upstream=\"spool\"} 0.0\n");
        }
    }

    private static void killsAndStartsAgain(String spool) throws Exception {
        try (FakeUpstream upstream = FakeUpstream.start()) {
            upstream.refuseConnections();
            try (RelayProcess relay = start(upstream.port(), spool, "1s,5s")) {
                InetSocketAddress listener = relay.awaitListener("plain");
                send(listener, "bob@example.net");
                String url = management(relay);
                while (!get(url + "/spool").contains("\"state\":\"unreachable\"")) {
                    Thread.onSpinWait(); // an attempt that is cut off is taken over after a lease
                }
                assertThat(get(url + "/spool")).contains("\"waiting\":", "\"address\":\"bob@example.net\"");
                assertThat(get(url + "/metrics"))
                        .contains(
                                "postern_spool_messages{relay=\"postern\",state=",
                                "postern_spool_accepted_total{relay=\"postern\"} 1.0");
                refusesAnotherOne(listener);
            } // by SIGKILL
            upstream.acceptConnections();
            try (RelayProcess relay = start(upstream.port(), spool, "1s,5s")) {
                relay.awaitListener("plain");
                assertThat(new String(upstream.awaitMessage().content(), StandardCharsets.US_ASCII))
                        .contains("hello");
                assertThat(upstream.messages()).hasSize(1);
            }
        }
    }

    private static String management(RelayProcess relay) throws Exception {
        List<String> lines = relay.linesUpTo("postern: management");
        return lines.get(lines.size() - 1).substring("postern: management on ".length());
    }

    private static RelayProcess start(int upstreamPort, String spool, String retry) {
        return RelayProcess.start(
                "--listen",
                "127.0.0.1:0",
                "--upstream",
                "smtp://127.0.0.1:" + upstreamPort,
                "--spool",
                spool,
                "--spool-retry",
                retry,
                "--limit",
                "spool-account=1",
                "--management",
                "127.0.0.1:0");
    }

    private static void send(InetSocketAddress address, String... recipients) {
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", address.getPort())) {
            assertThat(probe.readReply()).hasCode(220);
            assertThat(probe.ehlo().lines()).contains("DSN");
            assertThat(probe.authPlain("demo@example.org", "demo")).hasCode(235);
            assertThat(probe.mail("demo@example.org")).hasCode(250);
            for (String recipient : recipients) {
                assertThat(probe.rcpt(recipient)).hasCode(250);
            }
            ProbeReply reply = probe.data("From: demo@example.org\r\n\r\nhello\r\n");
            assertThat(reply).isStandardReply(StandardReply.MESSAGE_QUEUED);
        }
    }

    /** Before its content is sent, for the spool is full. */
    private static void refusesAnotherOne(InetSocketAddress address) {
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", address.getPort())) {
            assertThat(probe.readReply()).hasCode(220);
            probe.ehlo();
            assertThat(probe.authPlain("demo@example.org", "demo")).hasCode(235);
            assertThat(probe.mail("demo@example.org")).hasCode(452);
        }
    }

    private static String get(String url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
