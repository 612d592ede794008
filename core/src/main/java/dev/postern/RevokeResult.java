package dev.postern;

/** What a revocation has brought about by the time that it returned. Immutable. */
public final class RevokeResult {

    private final int sessions;
    private final boolean everywhere;

    RevokeResult(int sessions, boolean everywhere) {
        this.sessions = sessions;
        this.everywhere = everywhere;
    }

    /**
     * Tells how many sessions of this relay end.
     *
     * @return sessions, without logins that were just being judged, which are refused
     */
    public int sessions() {
        return sessions;
    }

    /**
     * Tells whether the sessions of other relays end too.
     *
     * @return true when there are no others, or the registry that they share knows of the revocation; false when it did not
     *     answer or cannot pass one on, so that sessions of other relays may go on
     */
    public boolean everywhere() {
        return everywhere;
    }

    /** Returns both, for a log line. */
    @Override
    public String toString() {
        return "RevokeResult[sessions=" + sessions + ", everywhere=" + everywhere + "]";
    }
}
