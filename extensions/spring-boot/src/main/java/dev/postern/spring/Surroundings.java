package dev.postern.spring;

import dev.postern.SmtpRelayBuilder;

/** What a test puts around the relay, in place of what the application has there. */
interface Surroundings {

    /** Changes the relay last of all. */
    void surround(SmtpRelayBuilder relay, PosternProperties properties);

    /** Ends what belongs to a test that is over. */
    void forget();
}
