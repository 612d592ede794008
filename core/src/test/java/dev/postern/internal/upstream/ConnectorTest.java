package dev.postern.internal.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.internal.time.Watchdog;
import dev.postern.internal.upstream.Mail.Way;
import dev.postern.internal.upstream.UpstreamPool.Security;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.upstream.FakeUpstream;
import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An upstream whose name has several addresses. */
class ConnectorTest {

    private final InetAddress here = InetAddress.getLoopbackAddress();
    private final Watchdog watchdog = new Watchdog(RelayClock.system());
    private final FakeUpstream upstream = FakeUpstream.start();

    @AfterEach
    void stop() {
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
        upstream.scriptOnce(Stage.GREETING, Fault.replyThenClose("421 4.3.2 busy"));
        opening("").open(progress(), here, here).connection().close();
        assertThat(upstream.connections()).isEqualTo(2);
    }

    @Test
    void doesNotOfferRefusedCredentialsAgain() {
        upstream.withExtension("AUTH PLAIN").script(Stage.AUTH, Fault.reply("535 5.7.8 no"));
        assertThatThrownBy(() -> opening("bob").open(progress(), here, here)).hasMessage("AUTH PLAIN: 535 5.7.8");
        assertThat(upstream.connections()).isEqualTo(1);
    }

    @Test
    void triesNoMoreAddressesThanAClientWillWaitFor() {
        upstream.script(Stage.GREETING, Fault.reply("554 5.3.2 no"));
        assertThatThrownBy(() -> opening("").open(progress(), here, here, here, here, here, here, here))
                .hasMessage("greeting: 554 5.3.2 no");
        assertThat(upstream.connections()).isEqualTo(5);
    }

    private static Progress progress() {
        return new Progress(
                RelayClock.system().nanoTime() + Duration.ofMinutes(1).toNanos());
    }

    private Connector opening(String user) {
        Way way = Mail.to(upstream.port(), Security.NONE, null, user, Duration.ofSeconds(20));
        return new Connector(
                way.server(),
                way.timeouts(),
                way.pooling(),
                Mail.NO_CIRCUIT,
                Mail.HELO,
                RelayClock.system(),
                watchdog,
                RelayListener.none());
    }
}
