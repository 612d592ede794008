package dev.postern.spi;

/**
 * A host's own rule about who may connect, asked after the relay's limits. Called on the session's thread or one of the
 * relay's, concurrently; may block. One that throws, returns null or takes longer than the relay's plug-in time-out
 * refuses the connection temporarily. The same client has the same answer, whatever was asked before.
 */
@FunctionalInterface
public interface SessionPolicy {

    /**
     * Judges a new connection, in place of the greeting.
     *
     * @param client who connects
     * @return proceed, or the reply in place of the greeting; never null
     */
    Verdict connected(ClientInfo client);

    /**
     * Lets everyone in.
     *
     * @return the default
     */
    static SessionPolicy acceptAll() {
        return (SessionPolicy & NonBlocking) client -> Verdict.proceed();
    }
}
