package dev.postern.spool;

/** For threads that nothing starts again: when memory is used up, to tell of it in the log fails as well. */
final class Enduring {

    private Enduring() {}

    /** Writes a line, or does not. */
    static void say(Runnable line) {
        try {
            line.run();
        } catch (RuntimeException | Error e) {
            return; // what the thread is there for matters more
        }
    }
}
