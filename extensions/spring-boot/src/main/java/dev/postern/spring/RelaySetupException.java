package dev.postern.spring;

/** Properties and beans leave out something that a relay needs. */
final class RelaySetupException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    private final String action;

    RelaySetupException(String message, String action, Throwable cause) {
        super(message, cause);
        this.action = action;
    }

    /** {@return what to do, a line for each} */
    String action() {
        return action;
    }
}
