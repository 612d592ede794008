package dev.postern.spi;

/**
 * Marks a plug-in whose calls return at once: no I/O, no lock that others hold for long, no calls into other user code.
 * The relay calls such a plug-in on the session's own thread, which saves a thread switch. Nothing bounds the time of
 * its calls: the relay's plug-in time-out ({@code pluginTimeout}) does not apply, so one that hangs holds its session
 * forever. An exception still causes a temporary refusal.
 *
 * <p>Mark a lambda with a cast: {@code (SessionPolicy & NonBlocking) client -> Verdict.proceed()}. The plug-ins in this
 * package are marked, except those that wrap a host's own.
 */
public interface NonBlocking {}
