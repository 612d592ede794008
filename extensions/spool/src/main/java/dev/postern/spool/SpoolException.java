package dev.postern.spool;

/** The spool's database failed, or holds what this version cannot read. */
public final class SpoolException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message what failed, and what to do
     * @param cause why
     */
    public SpoolException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Makes the exception.
     *
     * @param message what failed, and what to do
     */
    public SpoolException(String message) {
        super(message);
    }
}
