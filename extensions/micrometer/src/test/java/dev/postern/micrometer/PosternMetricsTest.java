package dev.postern.micrometer;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.postern.settings.Policies;
import dev.postern.settings.PoolSettings;
import dev.postern.settings.Stores;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.Submission;
import dev.postern.spi.Verdict;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.search.Search;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each meter, by a dialogue that drives it. */
@OnAnyJdk
class PosternMetricsTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final PosternMetrics metrics = PosternMetrics.bind(registry);

    private Search find(String name, String... tags) {
        return registry.find(name).tags("relay", "postern").tags(tags);
    }

    private double gauge(String name, String... tags) {
        return find(name, tags).gauges().iterator().next().value();
    }

    private long count(String name, String... tags) {
        return find(name, tags).timers().stream()
                .mapToLong(timer -> timer.count())
                .sum();
    }

    @Test
    void connectionsAreCountedByWhetherSomebodyIsLoggedIn() {
        try (Stand stand = new Stand(metrics);
                SmtpProbe anonymous = stand.connected();
                SmtpProbe alice = stand.alice()) {
            assertThat(gauge("postern.connections", "state", "anonymous")).isEqualTo(1);
            assertThat(gauge("postern.connections", "state", "authenticated")).isEqualTo(1);
            assertThat(gauge("postern.connections.limit")).isEqualTo(1000);
            assertThat(alice.quit()).hasCode(221);
            Stand.await(() -> gauge("postern.connections", "state", "authenticated") == 0);
            assertThat(anonymous.send("NOOP")).hasCode(250);
        }
    }

    /** Else the first ambiguous message would be no increase, and no alert. */
    @ParameterizedTest
    @ValueSource(strings = {"accepted", "refused", "deferred", "ambiguous"})
    void outcomesOfMessagesAreThereFromTheStart(String outcome) {
        try (Stand stand = new Stand(metrics)) {
            assertThat(stand.relay.connections()).isZero();
            assertThat(find("postern.messages", "outcome", outcome).timers())
                    .singleElement()
                    .satisfies(timer -> assertThat(timer.count()).isZero());
        }
    }

    @Test
    void sessionsAreTimedByHowTheyEnd() {
        try (Stand stand = new Stand(metrics)) {
            try (SmtpProbe probe = stand.connected()) {
                assertThat(probe.quit()).hasCode(221);
            }
            Stand.await(() -> count("postern.sessions", "end", "quit") == 1);
            stand.connected().close();
            Stand.await(() -> count("postern.sessions", "end", "lost") == 1);
            try (SmtpProbe probe = stand.alice()) {
                assertThat(stand.relay.revoke(Stand.ALICE).sessions()).isEqualTo(1);
                assertThat(probe.readReply()).hasCode(421);
            }
            Stand.await(() -> count("postern.sessions", "end", "SESSION_ENDED") == 1);
        }
    }

    @Test
    void loginsAreTimedByMechanismAndOutcome() {
        try (Stand stand = new Stand(metrics);
                SmtpProbe probe = stand.connected()) {
            assertThat(probe.authPlain(Stand.ALICE, "wrong")).hasCode(535);
            assertThat(probe.authLogin(Stand.ALICE, "alice")).hasCode(235);
            assertThat(count("postern.auth", "mechanism", "PLAIN", "outcome", "refused"))
                    .isEqualTo(1);
            assertThat(count("postern.auth", "mechanism", "LOGIN", "outcome", "accepted"))
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GREETING, connect",
        "AUTH_CREDENTIALS_INVALID, auth",
        "AUTH_SUCCEEDED, auth",
        "SENDER_SYNTAX, mail",
        "RECIPIENT_SYNTAX, rcpt",
        "FROM_DOMAIN_MISMATCH, content",
        "MESSAGE_ACCEPTED, content",
        "COMMAND_UNKNOWN, other"
    })
    void repliesAreCountedByRowAndStage(String row, String stage) {
        try (Stand stand = new Stand(metrics);
                SmtpProbe probe = stand.connected()) {
            assertThat(probe.authPlain(Stand.ALICE, "wrong")).hasCode(535);
            assertThat(probe.authPlain(Stand.ALICE, "alice")).hasCode(235);
            assertThat(probe.send("MAIL FROM:alice")).hasCode(501);
            assertThat(probe.mail(Stand.ALICE)).hasCode(250);
            assertThat(probe.send("RCPT TO:bob")).hasCode(501);
            assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
            assertThat(probe.data("From: mallory@elsewhere.test\r\n\r\nhello\r\n"))
                    .hasCode(554);
            assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(250);
            assertThat(probe.send("XYZZY")).hasCode(500);
            assertThat(find("postern.replies", "reply", row, "stage", stage).counters())
                    .singleElement()
                    .satisfies(counter -> assertThat(counter.count()).isEqualTo(1));
        }
    }

    @Test
    void messagesAreTimedByWhatBecomesOfThemAndMeasured() {
        try (Stand stand = new Stand(metrics);
                SmtpProbe probe = stand.alice()) {
            assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(250);
            assertThat(count("postern.messages", "outcome", "accepted")).isEqualTo(1);
            assertThat(find("postern.message.size").summary()).satisfies(size -> {
                assertThat(size.count()).isEqualTo(1);
                assertThat(size.totalAmount()).isEqualTo(Stand.MESSAGE.length());
            });
            assertThat(find("postern.message.recipients").summary())
                    .satisfies(
                            recipients -> assertThat(recipients.totalAmount()).isEqualTo(1));
            stand.upstream.at(Stage.END_OF_DATA).once(Fault.reply("550 5.7.1 no"));
            assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(550);
            assertThat(count("postern.messages", "outcome", "refused")).isEqualTo(1);
            assertThat(find("postern.replies", "reply", "other", "stage", "content")
                            .counters())
                    .hasSize(1);
        }
    }

    @Test
    void whatIsDeferredAndWhatIsAmbiguousAreToldApart() {
        try (Stand stand = new Stand(metrics)) {
            stand.upstream.at(Stage.MAIL).once(Fault.reply("451 4.3.0 later"));
            try (SmtpProbe probe = stand.alice()) {
                assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(421);
            }
            assertThat(count("postern.messages", "outcome", "deferred")).isEqualTo(1);
            stand.upstream.at(Stage.END_OF_DATA).once(Fault.close());
            try (SmtpProbe probe = stand.alice()) {
                assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(421);
            }
            assertThat(count("postern.messages", "outcome", "ambiguous")).isEqualTo(1);
            assertThat(count("postern.upstream.delivery", "outcome", "ambiguous"))
                    .isEqualTo(1);
        }
    }

    @Test
    void contentIsGaugedWhileItIsHeld() {
        try (Stand stand = new Stand(metrics);
                SmtpProbe probe = stand.alice()) {
            assertThat(gauge("postern.content.memory.limit")).isEqualTo(64 << 20);
            assertThat(gauge("postern.content.memory")).isZero();
            assertThat(probe.mail(Stand.ALICE)).hasCode(250);
            assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
            String begin = "From: alice@client.test\r\n\r\n";
            assertThat(probe.bdat(begin.getBytes(StandardCharsets.US_ASCII), false))
                    .hasCode(250);
            assertThat(gauge("postern.content.memory")).isPositive();
            assertThat(gauge("postern.content.files")).isZero();
            byte[] text = "0123456789abcde\r\n".repeat(4096).getBytes(StandardCharsets.US_ASCII);
            assertThat(probe.bdat(text, false)).hasCode(250);
            assertThat(gauge("postern.content.files")).isEqualTo(1);
            assertThat(probe.send("RSET")).hasCode(250);
            assertThat(gauge("postern.content.files")).isZero();
            assertThat(gauge("postern.content.memory")).isZero();
        }
    }

    @Test
    void upstreamsAreGauged() {
        try (Stand stand = new Stand(metrics);
                SmtpProbe probe = stand.alice()) {
            String name = "127.0.0.1:" + stand.upstream.port();
            assertThat(gauge("postern.upstream.circuit", "upstream", name)).isZero();
            assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(250);
            assertThat(gauge("postern.upstream.connections", "upstream", name, "state", "idle"))
                    .isEqualTo(1);
            assertThat(gauge("postern.upstream.connections", "upstream", name, "state", "busy"))
                    .isZero();
            assertThat(gauge("postern.upstream.connections", "upstream", name, "state", "waiting"))
                    .isZero();
            assertThat(count("postern.upstream.delivery", "upstream", name, "outcome", "accepted"))
                    .isEqualTo(1);
            stand.upstream.refuseConnections();
            stand.upstream.dropConnections();
            assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(421);
            assertThat(gauge("postern.upstream.circuit", "upstream", name)).isEqualTo(1);
            assertThat(count("postern.upstream.delivery", "upstream", name, "outcome", "unreachable"))
                    .isEqualTo(1);
        }
    }

    @Test
    void messagesThatAreBusyOrWaitForAConnectionAreGauged() {
        try (Stand stand = new Stand(metrics, PoolSettings.defaults().withConnections(0, 1));
                SmtpProbe first = stand.alice();
                SmtpProbe second = stand.alice()) {
            String name = "127.0.0.1:" + stand.upstream.port();
            AtomicInteger dots = new AtomicInteger();
            stand.upstream.answering(turn -> turn.stage() == Stage.END_OF_DATA && dots.incrementAndGet() == 1
                    ? Optional.of(Fault.hang())
                    : Optional.empty());
            begin(first);
            Stand.await(() -> dots.get() == 1); // it has all of the message, and is not to be asked again
            assertThat(connections(name, "busy")).isEqualTo(1);
            begin(second);
            Stand.await(() -> connections(name, "waiting") == 1);
            assertThat(connections(name, "busy")).isEqualTo(1);
            assertThat(connections(name, "idle")).isZero();
            stand.upstream.dropConnections();
            assertThat(first.readReply()).hasCode(421);
            assertThat(second.readReply()).hasCode(250);
            Stand.await(() -> connections(name, "idle") == 1);
            assertThat(connections(name, "busy") + connections(name, "waiting")).isZero();
        }
    }

    private double connections(String upstream, String state) {
        return gauge("postern.upstream.connections", "upstream", upstream, "state", state);
    }

    /** Sends a message and does not wait for the reply to its content. */
    private static void begin(SmtpProbe probe) {
        assertThat(probe.mail(Stand.ALICE)).hasCode(250);
        assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
        assertThat(probe.send("DATA")).hasCode(354);
        probe.write(Stand.MESSAGE + ".\r\n");
    }

    @Test
    void plugInsAreTimedByWhetherTheyAnswer() {
        Policies broken = Policies.defaults().withContent(submission -> {
            throw new IllegalStateException("of the host");
        });
        try (Stand stand = new Stand(metrics, builder -> builder.policies(broken));
                SmtpProbe probe = stand.alice()) {
            assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(421);
            assertThat(find("postern.plugin", "plugin", "Authenticator", "outcome", "answered")
                            .functionTimer())
                    .satisfies(timer -> assertThat(timer.count()).isEqualTo(1));
            assertThat(find("postern.plugin", "plugin", "ContentPolicy", "outcome", "failed")
                            .functionTimer())
                    .satisfies(timer -> assertThat(timer.count()).isEqualTo(1));
        }
    }

    @Test
    void reservationsAreCounted() {
        try (Stand stand = new Stand(metrics, builder -> builder.quota(QuotaPlan.perDay(1)));
                SmtpProbe probe = stand.alice()) {
            assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(250);
            assertThat(probe.mail(Stand.ALICE)).hasCode(452);
            assertThat(find("postern.quota.reservations", "outcome", "granted").functionCounter())
                    .satisfies(counter -> assertThat(counter.count()).isEqualTo(1));
            assertThat(find("postern.quota.reservations", "outcome", "exceeded").functionCounter())
                    .satisfies(counter -> assertThat(counter.count()).isEqualTo(1));
        }
    }

    @Test
    void aStoreThatDoesNotAnswerIsCounted() {
        Stores away = Stores.defaults().withQuota(new LostQuotaStore());
        try (Stand stand = new Stand(metrics, builder -> builder.stores(away));
                SmtpProbe probe = stand.alice()) {
            assertThat(probe.mail(Stand.ALICE).code()).isGreaterThanOrEqualTo(400);
            assertThat(find("postern.quota.reservations", "outcome", "failed").functionCounter())
                    .satisfies(counter -> assertThat(counter.count()).isEqualTo(1));
        }
    }

    @Test
    void messagesAreToldApartByAccountWhereThatIsWanted() {
        assertThatIllegalArgumentException().isThrownBy(() -> metrics.withAccounts(0));
        try (Stand stand = new Stand(metrics.withAccounts(1));
                SmtpProbe alice = stand.alice();
                SmtpProbe carol = stand.connected()) {
            assertThat(carol.authPlain(Stand.CAROL, "carol")).hasCode(235);
            assertThat(Stand.send(alice, Stand.MESSAGE)).hasCode(250);
            assertThat(Stand.send(carol, Stand.CAROL, Stand.MESSAGE.replace(Stand.ALICE, Stand.CAROL)))
                    .hasCode(250);
            assertThat(count("postern.messages", "outcome", "accepted", "account", "acme"))
                    .isEqualTo(1);
            assertThat(count("postern.messages", "outcome", "accepted", "account", "other"))
                    .isEqualTo(1);
        }
    }

    @Test
    void noTagNamesAnybody() {
        try (Stand stand = new Stand(
                        metrics,
                        builder -> builder.policies(Policies.defaults().withContent(submission -> Verdict.proceed())));
                SmtpProbe probe = stand.alice()) {
            assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(250);
        }
        Set<String> tags = registry.getMeters().stream()
                .flatMap(meter -> meter.getId().getTags().stream())
                .map(Tag::getValue)
                .collect(Collectors.toSet());
        assertThat(tags).noneMatch(value -> value.contains("@") || value.contains("acme") || value.contains("test"));
    }

    @Test
    void gaugesGoWithTheirRelayAndCountersStay() {
        for (int i = 1; i <= 2; i++) {
            try (Stand stand = new Stand(metrics);
                    SmtpProbe probe = stand.alice()) {
                assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(250);
                assertThat(gauge("postern.connections", "state", "authenticated"))
                        .isEqualTo(1);
            }
            assertThat(registry.getMeters())
                    .extracting(meter -> meter.getId().getType())
                    .doesNotContain(Meter.Type.GAUGE);
            assertThat(count("postern.messages", "outcome", "accepted")).isEqualTo(i);
        }
    }

    @Test
    void severalRelaysAreToldApart() {
        assertThatIllegalArgumentException().isThrownBy(() -> metrics.withRelay(" "));
        try (Stand in = new Stand(metrics.withRelay("in"));
                Stand out = new Stand(metrics.withRelay("out"));
                SmtpProbe probe = out.alice()) {
            assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(250);
            assertThat(in.relay.connections()).isZero();
            assertThat(registry.find("postern.connections")
                            .tags("relay", "out", "state", "authenticated")
                            .gauges())
                    .singleElement()
                    .satisfies(gauge -> assertThat(gauge.value()).isEqualTo(1));
            assertThat(registry.find("postern.connections")
                            .tags("relay", "in", "state", "authenticated")
                            .gauges())
                    .singleElement()
                    .satisfies(gauge -> assertThat(gauge.value()).isZero());
            assertThat(registry.getMeters())
                    .as("none of a relay that there is not")
                    .extracting(meter -> meter.getId().getTag("relay"))
                    .containsOnly("in", "out");
        }
    }

    /** A host's own delivery may name its upstreams as it likes. */
    @Test
    void upstreamsWithoutEndBecomeOther() {
        Submission submission = TestSubmissions.one();
        for (int i = 0; i < 300; i++) {
            metrics.on(RelayEvent.PassedOver.of(
                    submission, DeliveryResult.deferred("upstream-" + i, DeliveryResult.Reason.UNREACHABLE, "")));
        }
        assertThat(find("postern.upstream.delivery").timers()).hasSize(101);
        assertThat(count("postern.upstream.delivery", "upstream", "other")).isEqualTo(200);
    }
}
