package dev.postern.internal.plugin;

/** A plug-in without an answer, where the caller in between cannot say so by a value. Its cause is in the log. */
public final class PluginFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    PluginFailure(String plugin) {
        super(plugin + " has no answer");
    }
}
