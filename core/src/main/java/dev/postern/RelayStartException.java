package dev.postern;

/** Thrown when a relay cannot be started; the message says why and what to do. */
public final class RelayStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception without a cause.
     *
     * @param message why, and what to do
     */
    public RelayStartException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message why, and what to do
     * @param cause what went wrong
     */
    public RelayStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
