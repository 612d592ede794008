package dev.postern.jwt;

/** The issuer cannot be asked. */
final class UnavailableException extends Exception {

    private static final long serialVersionUID = 1;

    UnavailableException(String why) {
        super(why);
    }
}
