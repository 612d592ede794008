package dev.postern.spring;

import dev.postern.SmtpRelayBuilder;
import dev.postern.spi.RelayClock;

/** What a test puts around the relay, in place of what the application has there. */
interface Surroundings {

    /** Changes the relay last of all. */
    void surround(SmtpRelayBuilder relay, PosternProperties properties);

    /** {@return what the relay goes by} */
    RelayClock clock();

    /** Ends what belongs to a test that is over. */
    void forget();
}
