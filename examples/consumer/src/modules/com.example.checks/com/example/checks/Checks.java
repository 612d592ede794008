package com.example.checks;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.spi.Authenticator;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.TestRelay;
import java.util.Map;

/** Uses the testkit where there is no JUnit. */
final class Checks {

    private static final String ANN = "ann@shop.example";

    private Checks() {}

    public static void main(String... arguments) throws Exception {
        try (TestRelay relay = TestRelay.start(env -> {
                    SmtpRelay started = SmtpRelay.builder()
                            .listen("127.0.0.1", 0)
                            .auth(AuthSettings.passwords(Authenticator.of(Map.of(ANN, "secret")))
                                    .withPlaintext())
                            .upstream(Upstream.smtp(
                                    "127.0.0.1", env.upstream().port()))
                            .listener(env.events())
                            .start();
                    return RelayUnderTest.of(started, started.port());
                })
                .withLogin(ANN, "secret")) {
            assertThat(relay.atRcpt(ANN, "bob@example.net").data("From: " + ANN + "\r\n\r\nhello\r\n"))
                    .isOk();
            assertThat(relay.upstream().awaitMessage()).isTo("bob@example.net");
            relay.nextAnswers(StandardReply.QUOTA_EXCEEDED);
            assertThat(relay.authenticated().mail(ANN)).isStandardReply(StandardReply.QUOTA_EXCEEDED);
        }
        System.out.println(Checks.class.getModule().getName() + ": relayed, and refused as asked for");
    }
}
