package dev.postern.spi;

import java.time.Instant;
import java.util.Optional;

/** A snapshot of a session, as shown to operators. Later versions may add accessors. Immutable. */
public sealed interface SessionInfo permits Records.SessionInfo {

    /** How far a session has come. */
    enum Phase {
        /** No message is in progress. */
        IDLE,
        /** MAIL was accepted, and no content has come yet. */
        ENVELOPE,
        /** The content is being received. */
        CONTENT,
        /** The content is complete: it is being checked or delivered to the upstream. */
        UPSTREAM
    }

    /** {@return the session's id, which log lines carry; unique among the sessions of a relay} */
    default String id() {
        return client().sessionId();
    }

    /** {@return the client: its address, its TLS, and its EHLO or HELO name} */
    ClientInfo client();

    /** {@return who the client is, empty before the login} */
    Optional<Identity> identity();

    /** {@return when the client connected} */
    Instant since();

    /** {@return when the last command came, empty before the first} */
    Optional<Instant> lastCommand();

    /** {@return how far the session has come} */
    Phase phase();

    /** {@return how many messages of the session were accepted} */
    int messages();

    /** {@return how many octets the client has sent, counted inside TLS} */
    long octetsIn();

    /**
     * {@return a copy with the client's identity}
     *
     * @param newIdentity the identity
     */
    SessionInfo withIdentity(Identity newIdentity);

    /**
     * {@return a copy with the time of the last command}
     *
     * @param newLastCommand the moment
     */
    SessionInfo withLastCommand(Instant newLastCommand);

    /**
     * {@return a copy with what was received}
     *
     * @param newMessages how many messages were accepted, 0 or more
     * @param newOctetsIn octets, counted inside TLS, 0 or more
     */
    SessionInfo withReceived(int newMessages, long newOctetsIn);

    /**
     * {@return a session before its login and its first command, with nothing received}
     *
     * @param client the client
     * @param since when it connected
     * @param phase how far it has come
     */
    static SessionInfo of(ClientInfo client, Instant since, Phase phase) {
        return new Records.SessionInfo(client, Optional.empty(), since, Optional.empty(), phase, 0, 0);
    }
}
