package dev.postern.internal.connection.subetha;

import org.subethamail.smtp.server.Session;
import org.subethamail.smtp.server.SessionHandler;

/**
 * What SubEtha asks first about each session, on the accepting thread. It hands the connection over to
 * a thread of its own and ends the session there and then, so that what SubEtha holds for one is free again before the
 * client has said a word, and most of it was never made: it reads nothing.
 */
final class HandOver implements SessionHandler {

    /** Goes nowhere: see {@link GuardSocket}. */
    private static final SessionAcceptance HANDED_OVER = SessionAcceptance.failure(421, "handed over");

    @Override
    public SessionAcceptance accept(Session session) {
        ((GuardSocket) session.getSocket()).handOver();
        return HANDED_OVER;
    }

    @Override
    public void onSessionEnd(Session session) {
        // ours goes on
    }
}
