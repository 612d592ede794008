package dev.postern.testkit.tck;

import java.time.Duration;

/**
 * A plug-in that takes back what a dead node held.
 *
 * @param plugin the plug-in
 * @param life how long it waits before it does so; keep it short if time cannot be moved, for instance 2 s
 * @param <T> the plug-in's interface
 */
public record Expiring<T>(T plugin, Duration life) {}
