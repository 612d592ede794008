package dev.postern.spool;

import java.time.Instant;

/**
 * A suspension of delivery for a time. Immutable.
 *
 * @param of what is suspended
 * @param name the account in canonical form, or the folded domain
 * @param until when it ends
 */
public record Suspension(Of of, String name, Instant until) {

    /** What is suspended. */
    public enum Of {
        /** All messages of an account. */
        ACCOUNT,
        /** Delivery to recipients in a domain; other recipients of the same message do not wait. */
        DOMAIN
    }
}
