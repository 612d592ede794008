package dev.postern.ldap;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.spi.IdentityLimits.Limit;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.HeldPage;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds docs/auth-ldap.md to code that compiles, and runs it in a relay. */
class LdapPageTest {

    private static final Path PAGE = Path.of("../../docs/auth-ldap.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/postern/ldap/LdapPageTest.java");

    // example
    static LdapAuthenticator users(String url, SSLContext trust, String password) {
        return LdapAuthenticator.builder(url) // "ldaps://ldap.example.org"
                .tls(trust) // leave it out where the JVM trusts the directory's certificate
                .searchAs("cn=postern,ou=services,dc=example,dc=org", password)
                .users("ou=people,dc=example,dc=org", "uid", "mail") // people log in by either, and are counted by uid
                .filter("(objectClass=inetOrgPerson)")
                .account("o")
                .groups("ou=groups,dc=example,dc=org", "member")
                .groupDomains("associatedDomain") // a group's members may send from its domains
                .limit(Limit.SESSIONS_PER_USER, "employeeNumber")
                .build(); // for AuthSettings.passwords
    }
    // end

    @Test
    void theExampleIsThisCode() throws IOException {
        HeldPage.holdExample(PAGE, SOURCE);
    }

    private static SmtpRelay relay(LdapAuthenticator users, FakeUpstream upstream) {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.passwords(users).withPlaintext())
                .upstream(Upstream.smtp("127.0.0.1", upstream.port()))
                .start();
    }

    private static SmtpProbe ready(SmtpRelay relay) {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port());
        probe.readReply();
        probe.ehlo();
        return probe;
    }

    @Test
    void theExamplesRelayServes() throws Exception {
        LdapServer directory = LdapServer.start(LdapServer.Transport.LDAPS, TestCertificates.serverContext());
        try (FakeUpstream upstream = FakeUpstream.start();
                LdapAuthenticator users =
                        users(directory.url(), TestCertificates.clientContext(), LdapServer.SERVICE_PASSWORD);
                SmtpRelay relay = relay(users, upstream)) {
            try (SmtpProbe probe = ready(relay)) {
                assertThat(probe.authPlain("ann", "wrong")).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
                assertThat(probe.authPlain("*", People.ANN)).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
                assertThat(probe.authPlain("ann@example.org", ""))
                        .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
                assertThat(probe.authPlain("ann@example.org", People.ANN))
                        .isStandardReply(StandardReply.AUTH_SUCCEEDED);
                for (String[] sender : new String[][] {
                    {"ann@ann.example", "FROM_DOMAIN_MISMATCH"}, {"ann@sub.example.com", "MESSAGE_ACCEPTED"}
                }) {
                    probe.mail(sender[0]);
                    probe.rcpt("bob@example.net");
                    assertThat(probe.data("From: " + sender[0] + "\r\n\r\nhello\r\n"))
                            .isStandardReply(StandardReply.valueOf(sender[1]));
                }
            }
            directory.close();
            try (SmtpProbe probe = ready(relay)) {
                assertThat(probe.authPlain("ann", People.ANN)).isStandardReply(StandardReply.AUTH_UNAVAILABLE);
            }
            assertThat(upstream.messages()).hasSize(1);
        }
    }

    @Test
    @Needs(Tool.CURL)
    void curlSendsAsAUserOfTheDirectory(@TempDir Path folder) throws Exception {
        Path message = Files.writeString(folder.resolve("message"), "From: ann@example.org\r\n\r\nhello\r\n");
        try (LdapServer directory = LdapServer.start(LdapServer.Transport.LDAPS, TestCertificates.serverContext());
                FakeUpstream upstream = FakeUpstream.start();
                LdapAuthenticator users =
                        users(directory.url(), TestCertificates.clientContext(), LdapServer.SERVICE_PASSWORD);
                SmtpRelay relay = relay(users, upstream)) {
            for (String password : new String[] {People.ANN, "wrong"}) {
                Process curl = new ProcessBuilder(
                                Tool.CURL.path(),
                                "-sS",
                                "smtp://127.0.0.1:" + relay.port() + "/client.test",
                                "--user",
                                "ann@example.org:" + password,
                                "--mail-from",
                                "ann@example.org",
                                "--mail-rcpt",
                                "bob@example.net",
                                "--upload-file",
                                message.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("output").toFile())
                        .start();
                assertThat(curl.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(curl.exitValue() == 0).isEqualTo(password.equals(People.ANN));
            }
            assertThat(upstream.messages()).hasSize(1);
        }
    }
}
