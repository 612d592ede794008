package dev.postern.internal.content.mime;

import org.jspecify.annotations.Nullable;

/** What the walks of one message share: the rules, what counts across all of it, and the defect that ends them. */
final class WholeMessage {

    /**
     * How many readings of parts may be open at a time beside the plain walk: of messages that are encoded, and of headers
     * that end in two places. Each octet is looked at once for each.
     */
    static final int MAX_READINGS = 16;

    final MimeRules rules;
    final Signatures signatures;
    private int parts;
    private int readings;
    private long work;
    private @Nullable String defect;

    WholeMessage(MimeRules rules) {
        this.rules = rules;
        signatures = new Signatures(!rules.has(MimeRules.Check.EXACT_FORMATS));
    }

    boolean lost() {
        return defect != null;
    }

    @Nullable
    String defect() {
        return defect;
    }

    /** How many octets were looked at, those compared with a delimiter once for each: the measure of what input costs. */
    long work() {
        return work;
    }

    void worked(long octets) {
        work += octets;
    }

    /** Counts a part; false when it is one too many. */
    boolean addPart() {
        return ++parts <= rules.maxParts();
    }

    /** Opens a further reading; false when it is one too many. */
    boolean openReading() {
        return ++readings <= MAX_READINGS;
    }

    void closeReading() {
        readings--;
    }

    /** Refuses the message: the first reason counts. */
    void refuse(String what) {
        defect = defect == null ? what : defect;
    }
}
