package dev.postern.spi;

import java.util.Optional;

/** Whose session an event happened in, and how far it had come: what each event of a session has. Immutable. */
public sealed interface EventSession permits Records.EventSession {

    /** {@return what is known of the client} */
    ClientInfo client();

    /** {@return who the client is, empty before the login} */
    Optional<Identity> identity();

    /** {@return the relay's id of the message that is under way, or was refused at its end; empty outside a message} */
    Optional<String> messageId();

    /**
     * {@return a copy that says who the client is}
     *
     * @param newIdentity the identity
     */
    EventSession withIdentity(Identity newIdentity);

    /**
     * {@return a copy that says which message is under way}
     *
     * @param newMessageId the relay's id of it
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
