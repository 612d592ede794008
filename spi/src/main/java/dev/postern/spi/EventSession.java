package dev.postern.spi;

import java.util.Optional;

/** The session that an event happened in, as of that moment. Immutable. */
public sealed interface EventSession permits Records.EventSession {

    /** {@return what is known of the client} */
    ClientInfo client();

    /** {@return who the client is, empty before the login} */
    Optional<Identity> identity();

    /**
     * {@return the relay's id of the current message, or of the one just refused at its end; empty outside a message}
     */
    Optional<String> messageId();

    /**
     * {@return a copy with the client's identity}
     *
     * @param newIdentity the identity
     */
    EventSession withIdentity(Identity newIdentity);

    /**
     * {@return a copy with the current message's id}
     *
     * @param newMessageId the relay's id of the message
     */
    EventSession withMessageId(String newMessageId);

    /**
     * {@return a session before its login, outside a message}
     *
     * @param client what is known of the client
     */
    static EventSession of(ClientInfo client) {
        return new Records.EventSession(client, Optional.empty(), Optional.empty());
    }
}
