package dev.postern.spi;

/**
 * Marks a plug-in whose calls end at once: no input or output, no lock that others hold for long, no other host's code. The
 * relay calls such a plug-in on the session's own thread, which saves a switch of threads. Nothing bounds the time of its
 * calls: the relay's plug-in time-out ({@code pluginTimeout}) does not apply, so one that hangs holds its session for ever.
 * What it throws refuses temporarily, as ever.
 *
 * <p>A lambda can be marked by a cast: {@code (SessionPolicy & NonBlocking) client -> Verdict.proceed()}. The plug-ins that
 * this package comes with are marked, but for those that are made of a host's own.
 */
public interface NonBlocking {}
