package dev.postern.rfc;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.settings.MessageRules;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 8689, REQUIRETLS. */
class Rfc8689Test {

    private static SmtpRelayBuilder offering(SmtpRelayBuilder builder) {
        return builder.messages(MessageRules.defaults().withRequireTls());
    }

    @Test
    void s2_isOfferedOverTlsAloneAndWhereTheHostSaysSo() {
        try (Scene scene = Scene.open(Rfc8689Test::offering)) {
            assertThat(scene.ready(Access.CLEAR).ehlo().extensions()).doesNotContain("REQUIRETLS");
            assertThat(scene.alice(Access.CLEAR).mail("alice@client.test", "REQUIRETLS"))
                    .isStandardReply(StandardReply.PARAMETER_UNSUPPORTED, "REQUIRETLS");
            assertThat(scene.ready(Access.STARTTLS).ehlo().extensions()).contains("REQUIRETLS");
            SmtpProbe probe = scene.alice(Access.IMPLICIT_TLS);
            assertThat(probe.mail("alice@client.test", "REQUIRETLS=yes")).hasCode(501);
            assertThat(probe.mail("alice@client.test", "requiretls")).hasCode(250);
        }
        try (Scene scene = Scene.open()) {
            assertThat(scene.ready(Access.STARTTLS).ehlo().extensions()).doesNotContain("REQUIRETLS");
            assertThat(scene.alice(Access.STARTTLS).mail("alice@client.test", "REQUIRETLS"))
                    .isStandardReply(StandardReply.PARAMETER_UNSUPPORTED, "REQUIRETLS");
        }
    }

    /** What the upstream offers, and how the way to it is protected. */
    private static Upstream upstream(FakeUpstream server, String offers, String way) {
        server.withStartTls(TestCertificates.serverContext()).withOnlyExtensionsOverTls(offers);
        return switch (way) {
            case "verified" -> Upstream.startTls("localhost", server.port()).tls(TestCertificates.clientContext());
            case "unverified" ->
                Upstream.startTls("localhost", server.port())
                        .tls(TestCertificates.clientContext())
                        .withoutHostNameCheck();
            default -> {
                server.withOnlyExtensions(offers);
                yield Upstream.smtp("127.0.0.1", server.port());
            }
        };
    }

    @ParameterizedTest
    @CsvSource({
        "REQUIRETLS, verified, MESSAGE_ACCEPTED",
        "8BITMIME, verified, REQUIRETLS_UNSUPPORTED",
        "REQUIRETLS, unverified, REQUIRETLS_UNSUPPORTED",
        "REQUIRETLS, clear, REQUIRETLS_UNSUPPORTED",
    })
    void s4_2_1_isKeptOrTheMessageIsRefused(String offers, String way, StandardReply row) {
        Function<FakeUpstream, Upstream> upstream = server -> upstream(server, offers, way);
        try (Scene scene = Scene.open(Rfc8689Test::offering, upstream)) {
            SmtpProbe probe = scene.alice(Access.IMPLICIT_TLS);
            assertThat(probe.mail("alice@client.test", "REQUIRETLS")).hasCode(250);
            assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
            boolean accepted = row == StandardReply.MESSAGE_ACCEPTED;
            if (accepted) {
                assertThat(probe.data(Scene.MESSAGE)).hasCode(250);
                assertThat(scene.upstream.commands())
                        .anyMatch(line ->
                                line.startsWith("MAIL FROM:<alice@client.test>") && line.endsWith(" REQUIRETLS"));
            } else {
                assertThat(probe.data(Scene.MESSAGE)).isStandardReply(row);
            }
            assertThat(scene.upstream.messages()).hasSize(accepted ? 1 : 0);
            Scene.envelope(probe); // a message that asks for nothing goes whichever way
            assertThat(probe.data(Scene.MESSAGE)).hasCode(250);
            assertThat(scene.upstream.commands().stream().filter(line -> line.contains("REQUIRETLS")))
                    .hasSize(accepted ? 1 : 0);
        }
    }
}
