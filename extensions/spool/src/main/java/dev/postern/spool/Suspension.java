package dev.postern.spool;

import java.time.Instant;

/**
 * Messages that are not tried for a time. Immutable.
 *
 * @param of which messages
 * @param name the account in its canonical form, or the domain, folded
 * @param until when it ends
 */
public record Suspension(Of of, String name, Instant until) {

    /** Which messages. */
    public enum Of {
        /** Those that an account has sent. */
        ACCOUNT,
        /** Those to recipients of a domain; other recipients of the same message do not wait. */
        DOMAIN
    }
}
