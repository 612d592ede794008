package dev.postern.internal.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.internal.time.Watchdog;
import dev.postern.internal.upstream.ScriptedUpstream.Stage;
import dev.postern.internal.upstream.UpstreamPool.Security;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An upstream whose name has several addresses. */
class ConnectorTest {

    private final InetAddress here = InetAddress.getLoopbackAddress();
    private final Watchdog watchdog = new Watchdog(RelayClock.system());
    private ScriptedUpstream upstream;

    @BeforeEach
    void start() throws IOException {
        upstream = new ScriptedUpstream();
    }

    @AfterEach
    void stop() throws IOException {
        upstream.close();
        watchdog.close();
    }

    @Test
    void goesOnToTheNextAddressWhenNobodyListensAtOne() throws Exception {
        InetAddress nobody = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
        opening("").open(progress(), nobody, here).connection().close();
        assertThat(upstream.connections()).isEqualTo(1);
    }

    @Test
    void goesOnToTheNextAddressWhenOneIsBusy() throws Exception {
        upstream.script((connection, stage, line) ->
                connection == 0 && stage == Stage.GREETING ? Optional.of("421 4.3.2 busy\r\n") : Optional.empty());
        opening("").open(progress(), here, here).connection().close();
        assertThat(upstream.connections()).isEqualTo(2);
    }

    @Test
    void doesNotOfferRefusedCredentialsAgain() {
        upstream.offers("AUTH PLAIN").script(Stage.AUTH, "535 5.7.8 no\r\n");
        assertThatThrownBy(() -> opening("bob").open(progress(), here, here)).hasMessage("AUTH PLAIN: 535 5.7.8");
        assertThat(upstream.connections()).isEqualTo(1);
    }

    @Test
    void triesNoMoreAddressesThanAClientWillWaitFor() {
        upstream.script(Stage.GREETING, "554 5.3.2 no\r\n");
        assertThatThrownBy(() -> opening("").open(progress(), here, here, here, here, here, here, here))
                .hasMessage("greeting: 554 5.3.2 no");
        assertThat(upstream.connections()).isEqualTo(5);
    }

    private static Progress progress() {
        return new Progress(
                RelayClock.system().nanoTime() + Duration.ofMinutes(1).toNanos());
    }

    private Connector opening(String user) {
        return new Connector(
                Mail.settings(upstream.port(), Security.NONE, null, user, Duration.ofSeconds(20)),
                RelayClock.system(),
                watchdog,
                RelayListener.none());
    }
}
