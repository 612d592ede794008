package dev.postern.internal.upstream.client;

/**
 * A connection that MAIL may be sent on.
 *
 * @param authenticated the relay has logged in on it
 */
public record ReadyConnection(Connection connection, Extensions extensions, boolean authenticated) {}
