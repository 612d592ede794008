package dev.postern.spi;

/** An attempt that is not counted. */
enum UncountedAttempt implements LoginThrottle.Attempt {
    INSTANCE;

    @Override
    public void failed() {}

    @Override
    public void withdraw() {}
}
