package dev.postern.internal.time;

import org.slf4j.Logger;

/** For threads that nothing starts again: when memory is used up, to tell of it in the log fails as well. */
public final class Enduring {

    private Enduring() {}

    /** Writes a line, or does not. Nothing may be made for the call, not even a lambda: there would be no room for it. */
    public static void error(Logger log, String line, Throwable cause) {
        try {
            log.error(line, cause);
        } catch (RuntimeException | Error e) {
            return; // what the thread is there for matters more
        }
    }
}
