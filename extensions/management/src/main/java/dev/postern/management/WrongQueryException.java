package dev.postern.management;

/** A query that cannot be; the message says what to write, and goes to the client. */
final class WrongQueryException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    WrongQueryException(String message) {
        super(message);
    }
}
