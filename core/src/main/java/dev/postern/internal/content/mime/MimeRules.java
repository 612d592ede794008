package dev.postern.internal.content.mime;

import java.util.Set;

/**
 * What the walk refuses, and its bounds.
 *
 * @param checks what is refused
 * @param maxDepth multiparts and messages within each other
 * @param maxParts parts of a message, of all levels
 * @param maxHeaderOctets octets of one header section
 * @param maxHeaderFields fields of one header section
 */
public record MimeRules(Set<Check> checks, int maxDepth, int maxParts, int maxHeaderOctets, int maxHeaderFields) {

    /** What can be refused. */
    public enum Check {
        /** What is no well-formed message. */
        STRUCTURE,
        /** Attachments that are not what their name says. */
        ATTACHMENTS,
        /** Attachments of another format of their name's family, too. */
        EXACT_FORMATS,
        /** From:, whose reader has to know where the header ends. */
        AUTHOR
    }

    boolean has(Check check) {
        return checks.contains(check);
    }
}
