package dev.postern.spring;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.RelayState;
import dev.postern.SmtpRelay;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.StandardReply;
import dev.postern.spool.Spool;
import dev.postern.spool.SpoolEvent;
import dev.postern.spool.SpoolFilter;
import dev.postern.spool.SpoolSettings;
import dev.postern.spool.SpoolStore;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.OnAnyJdk;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** A spool in front of the application's upstreams. */
@OnAnyJdk
class SpoolBeansTest {

    private static final String ALICE = "alice@example.org";
    private static final String MESSAGE = "From: alice@example.org\r\nSubject: hello\r\n\r\nhello\r\n";

    @TempDir
    private Path directory;

    private static ApplicationContextRunner runner() {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, PosternAutoConfiguration.class))
                .withPropertyValues(
                        "postern.port=0",
                        "postern.auth.plaintext=true",
                        "postern.auth.users[0].username=" + ALICE,
                        "postern.auth.users[0].password=correct horse",
                        "postern.upstream.uri=smtp://127.0.0.1:9");
    }

    private static SmtpProbe greeted(SmtpRelay relay) {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port());
        assertThat(probe.readReply()).hasCode(220);
        probe.ehlo();
        assertThat(probe.authPlain(ALICE, "correct horse")).hasCode(235);
        return probe;
    }

    private static SmtpProbe atData(SmtpRelay relay) {
        SmtpProbe probe = greeted(relay);
        assertThat(probe.mail(ALICE)).hasCode(250);
        assertThat(probe.rcpt("bob@example.net")).hasCode(250);
        assertThat(probe.send("DATA")).hasCode(354);
        return probe;
    }

    /** It is opened before the relay listens, and closed when the relay has answered all. */
    @Test
    void aMessageThatIsAnsweredWhileTheApplicationStopsWaitsForTheNextStart() {
        try (FakeUpstream upstream = FakeUpstream.start()) {
            upstream.at(Stage.RCPT).always(Fault.reply("450 4.2.1 Not now"));
            MeterRegistry meters = new SimpleMeterRegistry();
            List<Object> told = new CopyOnWriteArrayList<>();
            ApplicationContextRunner application = runner().withBean(
                            RelayListener.class,
                            () -> RelayListener.of(event -> {
                                if (event instanceof SpoolEvent spooled) {
                                    told.add(spooled.kind());
                                } else if (event instanceof RelayEvent.RelayClosed) {
                                    told.add("closed");
                                }
                            }))
                    .withBean(MeterRegistry.class, () -> meters)
                    .withPropertyValues(
                            "postern.upstream.uri=smtp://127.0.0.1:" + upstream.port(),
                            "postern.spool.directory=" + directory.resolve("spool"),
                            "postern.spool.retry=1h");
            application.run(context -> {
                SmtpRelay relay = context.getBean(PosternRelay.class).relay();
                try (SmtpProbe probe = atData(relay)) {
                    CompletableFuture<Void> closed = CompletableFuture.runAsync(
                            () -> context.getSourceApplicationContext().close());
                    while (relay.state() != RelayState.DRAINING) {
                        Thread.onSpinWait();
                    }
                    probe.write(MESSAGE + ".\r\n");
                    assertThat(probe.readReply()).isStandardReply(StandardReply.MESSAGE_QUEUED);
                    closed.join();
                }
            });
            assertThat(told).startsWith(SpoolEvent.Kind.SPOOLED).contains("closed");
            upstream.forget();
            application.run(context -> {
                PosternSpool life = context.getBean(PosternSpool.class);
                String id = life.spool().list(SpoolFilter.all(), 10).get(0).id();
                assertThat(meters.get("postern.spool.messages")
                                .tag("state", "ready")
                                .gauge())
                        .isNotNull();
                life.spool().release(id);
                assertThat(upstream.awaitMessage()).isFrom(ALICE).isTo("bob@example.net");

                Spool before = life.spool();
                PosternRelay relay = context.getBean(PosternRelay.class);
                relay.stop();
                relay.start();
                assertThat(life.spool()).isNotSameAs(before);
                assertThat(life.spool().list(SpoolFilter.all(), 10)).isEmpty();
            });
        }
    }

    @Test
    void beansSayWhereMessagesAreKeptAndHowManyBesideTheApplicationsOwnRules() {
        EnvelopePolicy own = EnvelopePolicy.senderInIdentityDomains();
        runner().withBean(SpoolStore.class, () -> SpoolStore.directory(directory.resolve("own")))
                .withBean(SpoolSettings.class, () -> SpoolSettings.defaults().withCapacity(100, 1000))
                .withBean(EnvelopePolicy.class, () -> own)
                .run(context -> {
                    assertThat(context).hasSingleBean(PosternSpool.class);
                    SmtpRelay relay = context.getBean(PosternRelay.class).relay();
                    try (SmtpProbe probe = greeted(relay)) {
                        assertThat(probe.send("MAIL FROM:<" + ALICE + "> SIZE=1001"))
                                .isStandardReply(StandardReply.CONTENT_SPACE);
                        assertThat(probe.mail("alice@elsewhere.test"))
                                .isStandardReply(StandardReply.SENDER_NOT_ALLOWED);
                        assertThat(probe.mail(ALICE)).hasCode(250);
                    }
                });
        assertThat(directory.resolve("own")).isDirectory();
    }

    @Test
    void withoutAPlaceThereIsNoSpoolAndWithoutTheLibraryThereCanBeNone() {
        runner().run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(PosternSpool.class));
        ApplicationContextRunner without =
                runner().withClassLoader(new FilteredClassLoader("dev.postern.spool", "dev.postern.micrometer"));
        without.run(context -> assertThat(context).hasNotFailed().hasSingleBean(PosternRelay.class));
    }
}
