package dev.postern.testkit;

import dev.postern.testkit.upstream.FakeUpstream;

/** What a test may leave behind. A passed test fails for each unless it is allowed. */
public enum Leak {
    /**
     * A probe got a reply that the test has not read. A farewell, 421, may come at any time (RFC 5321 section 3.8) and
     * need not be read.
     */
    UNREAD_REPLY,
    /** A session of the application under test is still open one second of real time after the test's end. */
    OPEN_SESSION,
    /** The upstream has accepted a message that the test has not looked at by any method of {@link FakeUpstream}. */
    UNSEEN_MESSAGE,
    /** A fault scripted for a number of times has not happened that often. */
    UNUSED_FAULT
}
