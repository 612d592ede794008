package dev.postern.internal.connection.subetha;

import org.subethamail.smtp.server.Session;
import org.subethamail.smtp.server.SessionHandler;

/**
 * SubEtha asks this first about each session, on the accepting thread. It hands the connection to a thread of its own
 * and ends SubEtha's session at once, before the client has said a word: SubEtha reads nothing, and holds nothing for
 * the session.
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
