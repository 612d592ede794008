package dev.postern.spool;

/** Thrown when the spool's database fails, or contains something that this version cannot read. */
public final class SpoolException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message what failed, and what to do
     * @param cause why
     */
    public SpoolException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Creates the exception.
     *
     * @param message what failed, and what to do
     */
    public SpoolException(String message) {
        super(message);
    }
}
