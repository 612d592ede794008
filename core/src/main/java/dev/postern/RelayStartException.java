package dev.postern;

/** A relay that could not be started; the message says why and what to do. */
public final class RelayStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception of something that was found out, not thrown.
     *
     * @param message why, and what to do
     */
    public RelayStartException(String message) {
        super(message);
    }

    /**
     * Makes the exception.
     *
     * @param message why, and what to do
     * @param cause what went wrong
     */
    public RelayStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
