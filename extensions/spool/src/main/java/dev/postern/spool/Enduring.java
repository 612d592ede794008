package dev.postern.spool;

import org.slf4j.Logger;

/** For threads that nothing starts again: when memory is used up, to tell of it in the log fails as well. */
final class Enduring {

    private Enduring() {}

    /** Writes a line, or does not. Nothing may be made for the call, not even a lambda: there would be no room for it. */
    static void error(Logger log, String line, Object about, Throwable cause) {
        try {
            log.error(line, about, cause);
        } catch (RuntimeException | Error e) {
            return; // what the thread is there for matters more
        }
    }
}
