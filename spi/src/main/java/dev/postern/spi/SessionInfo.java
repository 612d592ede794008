package dev.postern.spi;

import java.time.Instant;
import java.util.Optional;

/** A session as it was at one moment: what an operator sees of it. There may be more to read later. Immutable. */
public sealed interface SessionInfo permits Records.SessionInfo {

    /** How far a session has come. */
    enum Phase {
        /** No message is under way. */
        IDLE,
        /** MAIL was accepted, and no content has come yet. */
        ENVELOPE,
        /** The content is being received. */
        CONTENT,
        /** The content is complete: it is being checked, or with the upstream. */
        UPSTREAM
    }

    /** {@return the session's id, which log lines carry; unique among the sessions of a relay} */
    default String id() {
        return client().sessionId();
    }

    /** {@return the client: its address, its TLS, and what it calls itself} */
    ClientInfo client();

    /** {@return who the client is, empty before the login} */
    Optional<Identity> identity();

    /** {@return when the client connected} */
    Instant since();

    /** {@return when the last command came, empty before the first} */
    Optional<Instant> lastCommand();

    /** {@return how far it has come} */
    Phase phase();

    /** {@return how many of its messages were accepted} */
    int messages();

    /** {@return how many octets the client has sent, as they are within TLS} */
    long octetsIn();

    /**
     * {@return a copy that says who the client is}
     *
     * @param newIdentity the identity
     */
    SessionInfo withIdentity(Identity newIdentity);

    /**
     * {@return a copy that says when the last command came}
     *
     * @param newLastCommand the moment
     */
    SessionInfo withLastCommand(Instant newLastCommand);

    /**
     * {@return a copy with what came in}
     *
     * @param newMessages how many messages were accepted, 0 or more
     * @param newOctetsIn octets, as they are within TLS, 0 or more
     */
    SessionInfo withReceived(int newMessages, long newOctetsIn);

    /**
     * {@return a session before its login and its first command, of which nothing came in}
     *
     * @param client the client
     * @param since when it connected
     * @param phase how far it has come
     */
    static SessionInfo of(ClientInfo client, Instant since, Phase phase) {
        return new Records.SessionInfo(client, Optional.empty(), since, Optional.empty(), phase, 0, 0);
    }
}
