package dev.postern.internal.content;

/** How large a message's structure may be. {@code MAX_VALUE} is without limit; depth must have one. */
record StructureLimits(int headerOctets, int headerFields, int depth, int parts) {

    static final StructureLimits DEFAULTS = new StructureLimits(1 << 20, 2000, 50, 1000);
}
