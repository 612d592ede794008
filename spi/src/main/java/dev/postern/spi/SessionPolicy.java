package dev.postern.spi;

/**
 * A host's own rule about who may connect, applied after the relay's limits. Called on the session's thread or a relay
 * thread, concurrently; may block. When it throws, returns null or takes longer than the relay's plug-in time-out, the
 * connection is refused temporarily. The same client always gets the same answer.
 */
@FunctionalInterface
public interface SessionPolicy {

    /**
     * Accepts or refuses a new connection, before the greeting.
     *
     * @param client the client that connects
     * @return proceed, or the reply in place of the greeting; never null
     */
    Verdict connected(ClientInfo client);

    /**
     * Accepts every client.
     *
     * @return the default policy
     */
    static SessionPolicy acceptAll() {
        return (SessionPolicy & NonBlocking) client -> Verdict.proceed();
    }
}
