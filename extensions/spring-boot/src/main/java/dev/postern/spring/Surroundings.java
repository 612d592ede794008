package dev.postern.spring;

import dev.postern.SmtpRelayBuilder;
import dev.postern.spi.RelayClock;
import dev.postern.spi.UpstreamDelivery;
import java.util.function.UnaryOperator;

/** What a test puts around the relay, in place of what the application has there. */
interface Surroundings {

    /** Changes the relay last of all; {@code spooled} puts the application's spool in front of a delivery. */
    void surround(SmtpRelayBuilder relay, PosternProperties properties, UnaryOperator<UpstreamDelivery> spooled);

    /** {@return what the relay goes by} */
    RelayClock clock();

    /** Ends what belongs to a test that is over. */
    void forget();
}
