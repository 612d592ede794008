package com.example.shop.tests;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import com.example.shop.MailGate;
import com.example.shop.Staff;
import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.TestRelay;
import java.util.Map;

/** A program that uses the testkit where there is no JUnit. */
final class WithoutJunit {

    private WithoutJunit() {}

    public static void main(String... arguments) throws Exception {
        try (TestRelay relay = TestRelay.start(env -> {
            Upstream upstream = Upstream.smtp("127.0.0.1", env.upstream().port());
            SmtpRelay started = MailGate.settings(env.serverTls(), new Staff(Map.of()), upstream)
                    .start();
            return RelayUnderTest.of(started, started.port());
        })) {
            relay.nextAnswers(StandardReply.QUOTA_EXCEEDED);
            assertThat(relay.afterEhlo().mail("orders@shop.example")).isStandardReply(StandardReply.QUOTA_EXCEEDED);
        }
        System.out.println("refused as asked for");
    }
}
