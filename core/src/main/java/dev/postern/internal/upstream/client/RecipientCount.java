package dev.postern.internal.upstream.client;

import dev.postern.spi.EnhancedStatus;
import java.util.Set;

/**
 * Finds out from the replies to RCPT whether the upstream takes fewer recipients than a message has: 452 from one of them
 * on (RFC 5321 section 4.5.3.1.10). Used by one thread.
 */
final class RecipientCount {

    /** So many must be taken before one of them is about their number: it may be about storage too. */
    private static final int LEAST_OF_BARE = 10;

    private static final Set<Integer> BARE = Set.of(431, 452, 552);

    private int accepted;
    private int limit; // 0 for none
    private boolean held; // by all that came behind

    /** Counts a reply to RCPT; tells whether it says that there are too many. */
    boolean heard(UpstreamReply reply) {
        boolean tooMany = isTooMany(reply);
        if (limit > 0) {
            held &= tooMany;
        } else if (tooMany) {
            limit = accepted;
            held = true;
        }
        accepted += reply.positive() ? 1 : 0;
        return tooMany;
    }

    /**
     * The status says it best, X.5.3 (RFC 3463 section 3.6). Servers from before RFC 5321 say 552, which is no refusal for
     * good then (section 4.5.3.1.10); Courier says 431.
     */
    private boolean isTooMany(UpstreamReply reply) {
        int before = limit == 0 ? accepted : limit;
        if (before == 0 || !reply.negative() || reply.closing()) { // the first one cannot be one too many
            return false;
        }
        return EnhancedStatus.leading(reply.lines().get(0))
                .map(status -> status.subject() == 5 && status.detail() == 3)
                .orElse(before >= LEAST_OF_BARE && BARE.contains(reply.code()));
    }

    /** How many recipients the upstream takes, 0 when the replies do not tell. */
    int limit() {
        return held ? limit : 0;
    }
}
