package dev.postern.examples.quickstart;

/** An argument, or a combination of them, that cannot be; the message names the option and says what to write. */
final class WrongArgumentException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    WrongArgumentException(String message) {
        super(message);
    }
}
