package dev.postern.spring;

import dev.postern.SmtpRelayBuilder;

/**
 * Changes the relay before it starts: a bean of this type is called after the properties and the other beans have been
 * applied to the builder; several are called in their {@code @Order}. A group of settings that it passes to the builder
 * completely replaces the one from the properties.
 */
@FunctionalInterface
public interface PosternCustomizer {

    /**
     * Changes the relay. Called at each start, on the thread that starts the application.
     *
     * @param relay the builder, with all properties and beans applied
     */
    void customize(SmtpRelayBuilder relay);
}
