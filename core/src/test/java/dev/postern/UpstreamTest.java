package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postern.internal.upstream.UpstreamPool.Account;
import dev.postern.internal.upstream.UpstreamPool.Security;
import dev.postern.internal.upstream.UpstreamPool.Server;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.PoolSettings;
import dev.postern.spi.DeliveryLimits;
import dev.postern.spi.UpstreamTimeouts;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamTest {

    private static final String SECRET = "s3cret";

    @ParameterizedTest
    @CsvSource({
        "smtp://mx.test, NONE, mx.test, 25, '', ''",
        "smtp://mx.test/, NONE, mx.test, 25, '', ''",
        "SMTP://mx.test:2525, NONE, mx.test, 2525, '', ''",
        "smtp+starttls://mx.test, STARTTLS_REQUIRED, mx.test, 587, '', ''",
        "smtps://mx.test, IMPLICIT_TLS, mx.test, 465, '', ''",
        "smtp://192.0.2.1:1, NONE, 192.0.2.1, 1, '', ''",
        "smtp://[2001:db8::1]:65535, NONE, 2001:db8::1, 65535, '', ''",
        "smtps://bob:s3cret@mx.test:4465, IMPLICIT_TLS, mx.test, 4465, bob, s3cret",
        "smtps://bob%40b.test:p%3Aa%2Fs%40s%25@mx.test, IMPLICIT_TLS, mx.test, 465, bob@b.test, p:a/s@s%",
        "smtps://bob:a+b:c@mx.test, IMPLICIT_TLS, mx.test, 465, bob, a+b:c",
        "smtps://b\u00fccher.example, IMPLICIT_TLS, xn--bcher-kva.example, 465, '', ''",
        "smtps://b\u00f6b:a@B\u00fccher.example:25/, IMPLICIT_TLS, xn--bcher-kva.example, 25, b\u00f6b, a",
        "smtps://bob:gr%C3%BC%C3%9Fe@mx.test, IMPLICIT_TLS, mx.test, 465, bob, gr\u00fc\u00dfe",
    })
    void readsUris(String uri, Security security, String host, int port, String user, String password) {
        Server server = Upstream.of(uri).server();
        assertThat(server.security()).isEqualTo(security);
        assertThat(server.host()).isEqualTo(host);
        assertThat(server.port()).isEqualTo(port);
        assertThat(server.account()).isEqualTo(new Account(user, password, null));
        assertThat(server.verifyHostName()).isTrue();
        assertThat(server.tls() == null).as("no TLS").isEqualTo(security == Security.NONE);
    }

    @Test
    void aHostIsSaidInALabels() {
        assertThat(Upstream.startTls("B\u00fccher.example", 587))
                .hasToString("smtp+starttls://xn--bcher-kva.example:587");
        assertThat(Upstream.smtp("MX.Test", 25)).hasToString("smtp://MX.Test:25");
        assertThatIllegalArgumentException() // a letter that the versions of IDNA do not agree about
                .isThrownBy(() -> Upstream.smtps("stra\u00dfe.example", 465))
                .withMessageStartingWith("host ");
    }

    static Stream<String> badUris() {
        return Stream.of(
                "",
                "mx.test",
                "mx.test:25",
                "//mx.test",
                "smtp:mx.test",
                "smtp://",
                "smtp://:25",
                "http://mx.test",
                "smtp+tls://mx.test",
                "smtp://mx.test:x",
                "smtp://mx.test/path",
                "smtp://mx.test?starttls=required",
                "smtp://mx.test#fragment",
                "smtp://mx.test:0",
                "smtp://mx.test:65536",
                "smtp://bob@mx.test",
                "smtp://:s3cret@mx.test",
                "smtp://bob:@mx.test",
                "smtp://bob:s3cret@",
                "smtp://bob:s3cret@mx test",
                "smtp://bob:s3cret@ss@mx.test",
                "smtp://bob:s3cret/x@mx.test",
                "smtp://bob:s3cret%zz@mx.test",
                "smtps://bob:s3cret%e4@mx.test",
                "smtp://bob:s3cret#x@mx.test",
                "smtp://bob:s3cret@mx.test:x",
                "smtp://bob:s3cret@mx.test:99999",
                "http://bob:s3cret@mx.test",
                "smtp://bob:s3cret@mx.test/path",
                "smtp://bob:s3cret@mx.test",
                "SMTP://bob:s3cret@127.0.0.1:2525");
    }

    static Stream<Arguments> loginsInClear() {
        Upstream plain = Upstream.smtp("mx.test", 25);
        return Stream.of(
                arguments("password", (ThrowingCallable) () -> plain.login("bob", SECRET)),
                arguments("accessToken", (ThrowingCallable) () -> plain.oauth("bob", () -> SECRET)),
                arguments("password", (ThrowingCallable) () -> Upstream.of("smtp://bob:s3cret@mx.test")));
    }

    @ParameterizedTest
    @MethodSource("loginsInClear")
    void credentialsGoInClearOnlyWhereTheHostSaysSo(String parameter, ThrowingCallable login) {
        assertThatIllegalArgumentException()
                .isThrownBy(login)
                .withMessageStartingWith(parameter)
                .withMessageContaining("smtp://mx.test:25")
                .withMessageContaining("allowPlaintextAuth()")
                .withMessageNotContaining(SECRET);
    }

    @Test
    void theHostMayAllowCredentialsInClear() {
        Upstream allowed = Upstream.smtp("mx.test", 25).allowPlaintextAuth();
        for (Upstream upstream :
                List.of(allowed.login("bob", SECRET), Upstream.ofPlaintextAuth("smtp://bob:s3cret@mx.test"))) {
            Server server = upstream.server();
            assertThat(server.security()).isEqualTo(Security.NONE);
            assertThat(server.account()).isEqualTo(new Account("bob", SECRET, null));
        }
        assertThat(allowed.oauth("bob", () -> SECRET).server().account().user()).isEqualTo("bob");
        assertThat(allowed.pool(PoolSettings.defaults()).login("bob", SECRET)).hasToString("smtp://mx.test:25");
    }

    /** It would look as if STARTTLS could be done without, which it cannot for a login. */
    @Test
    void whatLogsInWithTlsCannotBeToldToDoWithout() {
        for (Upstream upstream : List.of(
                Upstream.startTls("mx.test", 587),
                Upstream.startTlsIfOffered("mx.test", 25),
                Upstream.smtps("mx.test", 465))) {
            assertThatIllegalStateException()
                    .isThrownBy(upstream::allowPlaintextAuth)
                    .withMessageContaining("allowPlaintextAuth");
        }
        assertThat(Upstream.ofPlaintextAuth("smtps://bob:s3cret@mx.test")
                        .server()
                        .security())
                .isEqualTo(Security.IMPLICIT_TLS);
    }

    @ParameterizedTest
    @MethodSource("badUris")
    void refusesOtherUrisWithoutRepeatingThePassword(String uri) {
        assertThatIllegalArgumentException().isThrownBy(() -> Upstream.of(uri)).satisfies(e -> {
            for (Throwable t = e; t != null; t = t.getCause()) {
                assertThat(String.valueOf(t.getMessage()))
                        .doesNotContain(SECRET)
                        .isNotBlank();
            }
        });
    }

    @ParameterizedTest
    @CsvSource({
        "smtp://mx.test, smtp://mx.test:25",
        "smtp+starttls://bob:s3cret@mx.test, smtp+starttls://mx.test:587",
        "smtps://bob:s3cret@[2001:db8::1], smtps://[2001:db8::1]:465",
    })
    void showsSchemeHostAndPortOnly(String uri, String shown) {
        assertThat(Upstream.of(uri)).hasToString(shown);
        assertThat(Upstream.of(shown)).as("reads what it shows").hasToString(shown);
    }

    @Test
    void aTokenTakesThePlaceOfAPassword() {
        Supplier<String> tokens = () -> SECRET;
        Server server = Upstream.smtps("mx.test", 465)
                .login("bob", SECRET)
                .oauth("ann", tokens)
                .server();
        assertThat(server.account()).isEqualTo(new Account("ann", "", tokens));
        assertThat(server.toString()).doesNotContain(SECRET);
    }

    @Test
    void noSettingShowsThePassword() {
        Upstream upstream = Upstream.smtps("mx.test", 465).login("bob", SECRET);
        assertThat(upstream.toString()).doesNotContain(SECRET);
        assertThat(upstream.server().toString()).doesNotContain(SECRET);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65_536})
    void portIs1To65535(int port) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Upstream.smtp("mx.test", port))
                .withMessageContaining("port");
        assertThatIllegalArgumentException().isThrownBy(() -> Upstream.startTls("mx.test", port));
        assertThatIllegalArgumentException().isThrownBy(() -> Upstream.smtps("mx.test", port));
    }

    @Test
    void refusesBadSettingsByName() {
        Upstream upstream = Upstream.smtps("mx.test", 465);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Upstream.smtp(" ", 25))
                .withMessageContaining("host");
        for (String host : List.of("mx.test ", "mx\r\n.test", "a b")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Upstream.smtp(host, 25))
                    .withMessageStartingWith("host must be ");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> upstream.login("", SECRET))
                .withMessageContaining("user")
                .withMessageNotContaining(SECRET);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> upstream.login("bob", ""))
                .withMessageContaining("password");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> upstream.oauth("", () -> "token"))
                .withMessageContaining("user");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> upstream.oauth("bob\1", () -> "token"))
                .withMessageContaining("user");
    }

    /** A message whose turn has come must not wait for a connection: those that wait would be sent all together. */
    @Test
    void noMoreMessagesAreInTurnThanThereAreConnections() {
        Upstream upstream =
                Upstream.smtp("mx.test", 25).pool(PoolSettings.defaults().withConnections(0, 3));
        DeliveryLimits rate = DeliveryLimits.none().withMessages(10, Duration.ofSeconds(1));
        assertThat(upstream.limits()).isEmpty();
        assertThat(upstream.limits(rate).limits().orElseThrow().messagesAtOnce())
                .isEqualTo(3);
        assertThat(upstream.limits(rate.withMessagesAtOnce(2))
                        .limits()
                        .orElseThrow()
                        .messagesAtOnce())
                .isEqualTo(2);
    }

    @Test
    void eachMethodChangesACopy() {
        Upstream plain = Upstream.smtp("mx.test", 25);
        PoolSettings pool = PoolSettings.defaults().withConnections(2, 4);
        CircuitSettings circuit = CircuitSettings.defaults().withFailures(6);
        Upstream changed = plain.allowPlaintextAuth()
                .login("bob", SECRET)
                .timeouts(UpstreamTimeouts.each(Duration.ofSeconds(1)))
                .pool(pool)
                .circuit(circuit)
                .withoutHostNameCheck();
        assertThat(plain.server()).isEqualTo(Upstream.smtp("mx.test", 25).server());
        assertThat(plain.pool).isSameAs(PoolSettings.defaults());
        assertThat(plain.circuit).isSameAs(CircuitSettings.defaults());
        assertThat(plain.timeouts).isEqualTo(UpstreamTimeouts.defaults());
        assertThat(changed.server())
                .isEqualTo(new Server("mx.test", 25, Security.NONE, null, false, new Account("bob", SECRET, null)));
        assertThat(changed.pool).isSameAs(pool);
        assertThat(changed.circuit).isSameAs(circuit);
        assertThat(changed.timeouts).isEqualTo(UpstreamTimeouts.each(Duration.ofSeconds(1)));
    }
}
