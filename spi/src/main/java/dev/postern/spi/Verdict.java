package dev.postern.spi;

import java.util.Optional;

/** The result of a check: proceed, or refuse with a reply. The reply tells whether the connection is then closed. */
public sealed interface Verdict {

    /** Proceed. */
    record Proceed() implements Verdict {
        private static final Proceed INSTANCE = new Proceed();
    }

    /**
     * Refuse. The connection is closed after a reply that {@link Reply#closes()}; after any other, the session goes on.
     *
     * @param reply a 4xx or 5xx reply; RFC 5321 section 3.8 uses 421 for one that closes
     */
    record Refuse(Reply reply) implements Verdict {
        /**
         * Checks that the reply is a refusal.
         *
         * @param reply as {@link #reply()}
         * @throws IllegalArgumentException when the reply's code is under 400
         */
        public Refuse {
            if (reply.code() < 400) {
                throw new IllegalArgumentException("a refusal needs a 4xx or 5xx reply, not " + reply);
            }
        }
    }

    /**
     * Proceeds.
     *
     * @return the one instance
     */
    static Verdict proceed() {
        return Proceed.INSTANCE;
    }

    /**
     * Refuses with a catalogue reply, which may close the connection.
     *
     * @param reply the catalogue row
     * @param arguments the values of the row's parameters, in order
     * @return the refusal
     * @throws IllegalArgumentException when the row is not a refusal or the arguments do not fit
     */
    static Verdict refuse(StandardReply reply, Object... arguments) {
        return refuse(reply.reply(arguments));
    }

    /**
     * Refuses with a reply. {@link Reply#closing()} turns a reply into one that closes the connection.
     *
     * @param reply a 4xx or 5xx reply
     * @return the refusal
     * @throws IllegalArgumentException when the reply's code is under 400
     */
    static Verdict refuse(Reply reply) {
        return new Refuse(reply);
    }

    /** {@return the reply of a refusal; empty for {@link Proceed}} */
    default Optional<Reply> refusal() {
        return this instanceof Refuse refuse ? Optional.of(refuse.reply()) : Optional.empty();
    }
}
