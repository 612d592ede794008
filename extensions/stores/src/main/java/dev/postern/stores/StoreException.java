package dev.postern.stores;

/** A store did not do what it was asked for; the relay then refuses temporarily. Its cause says why. */
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what was not done, without credentials
     */
    public StoreException(String message) {
        super(message);
    }

    /**
     * Makes the exception.
     *
     * @param message what was not done, without credentials
     * @param cause why
     */
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
