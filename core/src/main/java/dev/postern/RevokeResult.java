package dev.postern;

/** The result of a revocation. Immutable. */
public final class RevokeResult {

    private final int sessions;
    private final boolean everywhere;

    RevokeResult(int sessions, boolean everywhere) {
        this.sessions = sessions;
        this.everywhere = everywhere;
    }

    /** {@return how many sessions of this relay end, not counting logins that were in progress, which are refused} */
    public int sessions() {
        return sessions;
    }

    /**
     * {@return whether the sessions of other relays end too; false when their shared registry did not answer or cannot
     * pass a revocation on}
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
