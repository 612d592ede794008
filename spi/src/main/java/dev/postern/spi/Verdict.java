package dev.postern.spi;

import java.util.Optional;

/** What a check says: go on, refuse with a reply, or refuse with a reply and close the connection. */
public sealed interface Verdict {

    /** Go on. */
    record Proceed() implements Verdict {
        private static final Proceed INSTANCE = new Proceed();
    }

    /**
     * Refuse; the session goes on.
     *
     * @param reply a 4xx or 5xx reply
     */
    record Refuse(Reply reply) implements Verdict {
        /**
         * Checks that the reply is a refusal.
         *
         * @param reply as {@link #reply()}
         * @throws IllegalArgumentException when the reply's code is under 400
         */
        public Refuse {
            requireRefusal(reply);
        }
    }

    /**
     * Refuse, and close the connection after the reply.
     *
     * @param reply a 4xx or 5xx reply, which becomes one that closes; RFC 5321 section 3.8 has 421 for this
     */
    record HangUp(Reply reply) implements Verdict {
        /**
         * Checks that the reply is a refusal.
         *
         * @param reply as {@link #reply()}
         * @throws IllegalArgumentException when the reply's code is under 400
         */
        public HangUp {
            requireRefusal(reply);
            reply = reply.closing();
        }
    }

    /**
     * Goes on.
     *
     * @return the one instance
     */
    static Verdict proceed() {
        return Proceed.INSTANCE;
    }

    /**
     * Refuses with a row of the catalogue, and closes the connection where the row says so.
     *
     * @param reply the row
     * @param arguments the values of the row's parameters, in order
     * @return {@link HangUp} for a row that closes, else {@link Refuse}
     * @throws IllegalArgumentException when the row is no refusal or the arguments do not fit
     */
    static Verdict refuse(StandardReply reply, Object... arguments) {
        return refuse(reply.reply(arguments));
    }

    /**
     * Refuses with a reply, and closes the connection where the reply says so.
     *
     * @param reply a 4xx or 5xx reply
     * @return {@link HangUp} for a reply that closes, else {@link Refuse}
     * @throws IllegalArgumentException when the reply's code is under 400
     */
    static Verdict refuse(Reply reply) {
        return reply.closes() ? new HangUp(reply) : new Refuse(reply);
    }

    /**
     * Returns the reply of a refusal.
     *
     * @return the reply, empty for {@link Proceed}
     */
    default Optional<Reply> refusal() {
        if (this instanceof Refuse refuse) {
            return Optional.of(refuse.reply());
        }
        return this instanceof HangUp hangUp ? Optional.of(hangUp.reply()) : Optional.empty();
    }

    private static void requireRefusal(Reply reply) {
        if (reply.code() < 400) {
            throw new IllegalArgumentException("a refusal needs a 4xx or 5xx reply, not " + reply);
        }
    }
}
