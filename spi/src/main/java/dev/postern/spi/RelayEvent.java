package dev.postern.spi;

import java.time.Duration;

/** What a relay tells its listener. */
public sealed interface RelayEvent {

    /**
     * Returns whose session it happened in.
     *
     * @return the client
     */
    ClientInfo client();

    /**
     * A client connected and got the greeting.
     *
     * @param client who
     */
    record SessionOpened(ClientInfo client) implements RelayEvent {}

    /**
     * A session that got the greeting ended.
     *
     * @param client who
     * @param lasted how long it lasted
     * @param messages how many of its messages were accepted
     */
    record SessionClosed(ClientInfo client, Duration lasted, int messages) implements RelayEvent {}

    /**
     * A client authenticated.
     *
     * @param client who
     * @param identity as whom
     */
    record Authenticated(ClientInfo client, Identity identity) implements RelayEvent {}

    /**
     * A connection, a command or a message was refused.
     *
     * @param client whose
     * @param reply the refusal, with its row of the catalogue where it is one
     * @param detail what the reply does not say: of refused content, which part and file name, field or domain it was
     *     about; printable, empty for other refusals
     */
    record Refused(ClientInfo client, Reply reply, String detail) implements RelayEvent {}

    /**
     * An upstream took a message.
     *
     * @param submission the message; its content is freed when the listener returns
     * @param result what the upstream said
     * @param took how long the delivery took
     */
    record Relayed(Submission submission, DeliveryResult.Accepted result, Duration took) implements RelayEvent {
        @Override
        public ClientInfo client() {
            return submission.client();
        }
    }

    /**
     * No upstream took a message. For {@link DeliveryResult.Reason#AMBIGUOUS} one may have.
     *
     * @param submission the message; its content is freed when the listener returns
     * @param result what came of it
     * @param reply what the client was told
     * @param took how long the delivery took
     */
    record NotRelayed(Submission submission, DeliveryResult result, Reply reply, Duration took) implements RelayEvent {
        @Override
        public ClientInfo client() {
            return submission.client();
        }
    }
}
