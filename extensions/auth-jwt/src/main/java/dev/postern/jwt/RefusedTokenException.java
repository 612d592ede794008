package dev.postern.jwt;

/** A token lets nobody in. The message, for the log, has nothing of it. */
final class RefusedTokenException extends Exception {

    private static final long serialVersionUID = 1;

    RefusedTokenException(String why) {
        super(why);
    }
}
