package dev.postern.testkit.fault;

import dev.postern.spi.StandardReply;

/**
 * Scripts a fault at a stage: for whom, what, and how often. If several match, those for a user or address come first,
 * then those for a number of times, in the order given. Created by {@code at(stage)} of a fixture or a fake upstream.
 * Immutable, except for the script that it adds to; thread-safe.
 *
 * <pre>{@code
 * relay.at(Stage.RCPT).forAddress("bob@example.org").once(Fault.reply(StandardReply.QUOTA_EXCEEDED));
 * upstream.at(Stage.END_OF_DATA).times(2, Fault.reset());
 * }</pre>
 */
public interface Provocation {

    /**
     * Restricts the fault to sessions of a user; at {@link Stage#AUTH}, to logins as that user.
     *
     * @param user the user name; case is ignored
     * @return a copy
     */
    Provocation forUser(String user);

    /**
     * Restricts the fault to a mailbox: the reverse-path at {@link Stage#MAIL}, the forward-path at {@link Stage#RCPT},
     * any address of the envelope later.
     *
     * @param address the text between the angle brackets; case is ignored
     * @return a copy
     */
    Provocation forAddress(String address);

    /**
     * Makes the fault happen the next time.
     *
     * @param fault the fault
     * @throws IllegalArgumentException when the fault sends something at {@link Stage#CONNECT}
     */
    default void once(Fault fault) {
        times(1, fault);
    }

    /**
     * Makes the fault happen the next few times.
     *
     * @param times how often, 1 or more
     * @param fault the fault
     * @throws IllegalArgumentException when times is under 1, or the fault sends something at {@link Stage#CONNECT}
     */
    void times(int times, Fault fault);

    /**
     * Makes the fault happen every time; replaces an earlier fault for every time.
     *
     * @param fault the fault
     * @throws IllegalArgumentException when the fault sends something at {@link Stage#CONNECT}
     */
    void always(Fault fault);

    /**
     * Returns the first stage at which a catalogue reply is given. For replies that may come at any time, that is the
     * reply to MAIL.
     *
     * @param row the catalogue row
     * @return its stage
     */
    static Stage stageOf(StandardReply row) {
        return switch (row) {
            case GREETING, IP_SESSIONS_EXCEEDED, SERVER_BUSY -> Stage.GREETING;
            case HELLO -> Stage.EHLO;
            case TLS_READY -> Stage.STARTTLS;
            case AUTH_CREDENTIALS_INVALID, AUTH_REQUIRES_TLS, AUTH_BLOCKED, AUTH_RELAY_DISABLED -> Stage.AUTH;
            case USER_SESSIONS_EXCEEDED, ACCOUNT_SESSIONS_EXCEEDED, AUTH_CHALLENGE, AUTH_SUCCEEDED -> Stage.AUTH;
            case MECHANISM_UNSUPPORTED, AUTH_CANCELLED, AUTH_MALFORMED, AUTH_UNAVAILABLE -> Stage.AUTH;
            case AUTH_REQUIRED, QUOTA_EXCEEDED, SENDER_SYNTAX, MESSAGE_TOO_LARGE, INACTIVITY -> Stage.MAIL;
            case SESSION_LIFETIME, TOO_MANY_MESSAGES, SENDER_OK, BAD_ARGUMENTS, BAD_SEQUENCE -> Stage.MAIL;
            case LINE_TOO_LONG, LINE_MALFORMED, LINE_WITHOUT_CRLF, PARAMETER_UNSUPPORTED -> Stage.MAIL;
            case SENDER_NOT_ALLOWED, TOO_MANY_ERRORS, SESSION_ENDED, SHUTTING_DOWN, INTERNAL_ERROR -> Stage.MAIL;
            case TOO_MANY_RECIPIENTS, RECIPIENT_SYNTAX, RECIPIENT_OK, ADDRESS_UNSUPPORTED -> Stage.RCPT;
            case CONTENT_START, CHUNK_OK, NO_VALID_RECIPIENTS, CONTENT_SPACE -> Stage.DATA;
            case MIME_INVALID, FROM_MULTIPLE, FROM_DOMAIN_MISMATCH, DOMAIN_NOT_AUTHENTICATED -> Stage.END_OF_DATA;
            case UPSTREAM_RELAY_FAILED, UPSTREAM_UNREACHABLE, MESSAGE_ACCEPTED, MESSAGE_QUEUED -> Stage.END_OF_DATA;
            case ENCODING_UNSUPPORTED, BARE_LINE_ENDINGS, FROM_MISSING, ROUTING_LOOP -> Stage.END_OF_DATA;
            case REQUIRETLS_UNSUPPORTED -> Stage.END_OF_DATA;
            case RESET_OK -> Stage.RSET;
            case GOODBYE -> Stage.QUIT;
            case HELP_TEXT, NOOP_OK, VERIFY_UNSUPPORTED, COMMAND_UNKNOWN, COMMAND_UNSUPPORTED -> Stage.OTHER;
        };
    }
}
