package dev.postern.internal.content.mime;

import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import org.jspecify.annotations.Nullable;

/** What the walks of one message share: the rules, what counts across all of it, and the defect that ends them. */
final class WholeMessage {

    /**
     * How many readings of parts may be open at a time beside the plain walk: of messages that are encoded, and of headers
     * that end in two places. Each octet is looked at once for each.
     */
    static final int MAX_READINGS = 16;

    /**
     * How long the names of all parts may be together, in every way to read them: what is encoded is decoded in many, so that a
     * few megabytes of fields could cost many seconds. A thousand attachments with names of a hundred letters have not half of it.
     */
    static final int MAX_NAMES = 2 << 20;

    final MessageRules rules;
    final StructureLimits limits;
    final Signatures signatures;
    private int parts;
    private int readings;
    private long names;
    private long work;
    private @Nullable String defect;

    WholeMessage(MessageRules rules, StructureLimits limits) {
        this.rules = rules;
        this.limits = limits;
        signatures = new Signatures(!rules.checks(Check.EXACT_FORMATS));
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
        return ++parts <= limits.parts();
    }

    /** Counts the names of a part by their characters; false when they are too many. */
    boolean addNames(long characters) {
        names += characters;
        return names <= MAX_NAMES;
    }

    /** Opens a further reading; false when it is one too many. */
    boolean openReading() {
        return ++readings <= MAX_READINGS;
    }

    void closeReading() {
        readings--;
    }

    /** Refuses the message for the part with this path, empty for the message itself. The first reason counts. */
    void refuse(String path, String what) {
        if (defect == null) {
            defect = (path.isEmpty() ? "" : "part " + path + ": ") + what;
        }
    }
}
