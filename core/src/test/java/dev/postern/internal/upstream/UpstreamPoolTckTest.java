package dev.postern.internal.upstream;

import dev.postern.internal.time.Watchdog;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.tck.UpstreamDeliveryContract;
import dev.postern.testkit.upstream.FakeUpstream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

class UpstreamPoolTckTest extends UpstreamDeliveryContract {

    private final FakeUpstream upstream = FakeUpstream.start();
    private final Watchdog watchdog = new Watchdog(RelayClock.system());

    @AfterEach
    void stop() {
        upstream.close();
        watchdog.close();
    }

    @Override
    protected UpstreamDelivery newDelivery() {
        return new UpstreamPool(Mail.settings(upstream.port()), RelayClock.system(), watchdog, RelayListener.none());
    }

    @Override
    protected List<Arrived> arrived() {
        return upstream.messages().stream()
                .map(message -> new Arrived(message.reversePath(), message.recipientAddresses(), message.content()))
                .toList();
    }

    @Override
    protected boolean set(OtherSide state) {
        upstream.clearScripts().acceptConnections();
        switch (state) {
            case WORKS -> {}
            case UNREACHABLE -> upstream.refuseConnections();
            case REFUSES_FOR_NOW -> upstream.script(Stage.END_OF_DATA, Fault.reply("451 4.3.0 later"));
            case REFUSES_FOR_GOOD -> upstream.script(Stage.END_OF_DATA, Fault.reply("554 5.7.1 never"));
            case REFUSES_ONE_RECIPIENT ->
                upstream.scriptRecipient("refused@dest.test", Fault.reply("550 5.1.1 unknown"));
            case IS_LOST_AT_THE_END -> upstream.script(Stage.END_OF_DATA, Fault.reset());
        }
        return true;
    }
}
