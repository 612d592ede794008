package dev.postern.internal.content.mime;

/** How large a message's structure may be. {@code MAX_VALUE} is without limit; depth must have one. */
public record StructureLimits(int headerOctets, int headerFields, int depth, int parts) {

    /** What every message is held to. */
    public static final StructureLimits DEFAULTS = new StructureLimits(1 << 20, 2000, 50, 1000);
}
