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
     * {@return how many sessions of this relay end; a login that was just being judged is refused and does not count}
     */
    public int sessions() {
        return sessions;
    }

    /**
     * {@return whether the sessions of other relays end too; false when the registry that they share did not answer, or
     * cannot pass a revocation on}
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
