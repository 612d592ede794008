package dev.postern.spring;

import dev.postern.SmtpRelayBuilder;

/**
 * Changes the relay before it starts: a bean of this type is called when the properties and the other beans have been put
 * into the builder, several in their {@code @Order}. A group of settings that it gives to the builder takes the place of the
 * one that the properties made, as a whole.
 */
@FunctionalInterface
public interface PosternCustomizer {

    /**
     * Changes the relay to be. Called on the thread that starts the application, at each start.
     *
     * @param relay with all that properties and beans say
     */
    void customize(SmtpRelayBuilder relay);
}
