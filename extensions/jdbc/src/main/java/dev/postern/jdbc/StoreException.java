package dev.postern.jdbc;

/** The database did not do what it was asked for; the relay then refuses temporarily. Its cause says why. */
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StoreException(String message) {
        super(message);
    }

    StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
