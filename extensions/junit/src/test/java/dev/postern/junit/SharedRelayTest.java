package dev.postern.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.RelayEvent;
import dev.postern.testkit.RelayExtension;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One relay for all tests of a class. */
class SharedRelayTest {

    @RegisterExtension
    static final RelayExtension RELAY = Relays.extension("ann@example.org", "secret");

    /** The relay tells of a session's end a moment after the probe was closed. */
    @RepeatedTest(10)
    void seesNoEventOfTheTestBefore() {
        assertThat(RELAY.events().of(RelayEvent.OfSession.class)).isEmpty();
        RELAY.ladder().directly().greeted();
    }
}
