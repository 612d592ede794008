package dev.postern.examples.quickstart;

import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.slf4j.LoggerFactory;

/**
 * Lets SLF4J find Logback before the first test. While one thread does, others get a substitute, and tests run side by side;
 * the program has but one thread then.
 */
public final class LoggingFirst implements LauncherSessionListener {

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        LoggerFactory.getILoggerFactory();
    }
}
