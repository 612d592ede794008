package dev.postern.spi;

/** An attempt that nobody counts. */
enum UncountedAttempt implements LoginThrottle.Attempt {
    INSTANCE;

    @Override
    public void failed() {}

    @Override
    public void withdraw() {}
}
