package dev.postern.spool;

import dev.postern.spool.SpooledMessage.State;

/**
 * How far a message has come: what changes with each attempt.
 *
 * @param upstream what it waits for when that cannot be reached; else empty
 * @param dueMillis when it is tried next, in milliseconds since 1970 as all moments
 * @param noticeMillis when its sender is to hear of it next
 * @param attempts how many the upstream answered by "not now"
 * @param doubled after how many it may have the message unknown to us
 * @param delayed whether the sender has heard of the delay
 */
record Course(
        State state, String upstream, long dueMillis, long noticeMillis, int attempts, int doubled, boolean delayed) {

    static Course fresh(long now, long notice) {
        return new Course(State.READY, "", now, notice, 0, 0, false);
    }

    /** After the sender has heard of the delay. */
    Course told(long nextNotice) {
        return new Course(state, upstream, dueMillis, nextNotice, attempts, doubled, true);
    }
}
