package dev.postern.internal.upstream.client;

/** A connection that MAIL may be sent on, where we may have logged in. */
public record ReadyConnection(Connection connection, Extensions extensions, boolean authenticated) {}
