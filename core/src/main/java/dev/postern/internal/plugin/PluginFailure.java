package dev.postern.internal.plugin;

/**
 * Thrown when a plug-in has no answer and the caller in between cannot return that as a value. The log has the cause.
 */
public final class PluginFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public PluginFailure(String plugin) {
        super(plugin + " has no answer");
    }
}
