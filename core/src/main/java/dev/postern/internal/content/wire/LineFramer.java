package dev.postern.internal.content.wire;

import dev.postern.internal.octets.Octets;

/**
 * Finds the end of data and takes the wire's form off the content: dot-stuffing (RFC 5321 section 4.5.2) and lone LFs.
 * Only CRLF.CRLF ends data (RFC 5321 section 4.1.1.4), also when it begins with the CRLF of the DATA command; whatever
 * another server might take for an end comes out as content that cannot be mistaken for one, or as a defect. Hands on
 * what it lets through in runs, as long as the block allows. Used by one thread at a time.
 */
public final class LineFramer {

    /** Gets what the framer lets through. */
    public interface Sink {

        /** Takes clean octets; the buffer is the framer's caller's, and only lent. */
        void accept(byte[] buffer, int offset, int length);

        /** Learns of a lone CR, LF or NUL; the runs after it are not to be used, but may be counted. */
        void defect(String what);
    }

    private enum State {
        /** At the start of a line that follows a CRLF, or of the content. */
        LINE_START,
        /** Behind a dot at the start of such a line; the dot is held back. */
        DOT,
        /** Behind such a dot and CR, both held back. */
        DOT_CR,
        /** Within a line. */
        TEXT,
        /** At an LF without a CR before it. */
        LONE_LF,
        /** At the start of a line that follows a lone LF: a dot here was not stuffed by the rules, so it is content. */
        AFTER_LONE_LF,
        /** Behind a CR that was let through. */
        CR,
        /** The end of data was seen. */
        ENDED
    }

    private static final byte[] CRLF = {Octets.CR, Octets.LF};

    private final Sink sink;
    private final boolean strict;
    private State state = State.LINE_START;
    private boolean eightBit;

    /** Begins content; a strict framer takes a lone LF for a defect. */
    public LineFramer(Sink sink, boolean strict) {
        this.sink = sink;
        this.strict = strict;
    }

    /** Tells whether the end of data was seen. */
    public boolean ended() {
        return state == State.ENDED;
    }

    /** Tells whether an octet over 127 was seen. */
    public boolean eightBit() {
        return eightBit;
    }

    /** Takes octets of DATA. Returns how many it took: all, unless the end of data was found. */
    public int data(byte[] buffer, int offset, int length) {
        return scan(buffer, offset, offset + length, true) - offset;
    }

    /** Takes octets of BDAT, which have no dots and no end of their own (RFC 3030 section 2). */
    public void chunk(byte[] buffer, int offset, int length) {
        int unused = scan(buffer, offset, offset + length, false);
    }

    /**
     * Ends content that came by BDAT. It need not end with a CRLF there, but DATA, by which it may go on, can only carry
     * lines: without one, the upstream would read the final dot as a part of the last line.
     */
    public void endChunks() {
        if (state == State.CR) {
            sink.defect("lone CR");
        } else if (state == State.TEXT) {
            sink.accept(CRLF, 0, CRLF.length);
        }
        state = State.ENDED;
    }

    private int scan(byte[] buffer, int offset, int end, boolean dots) {
        int i = offset;
        while (i < end && state != State.ENDED) {
            int stop = pass(buffer, i, end, dots);
            if (stop > i) {
                sink.accept(buffer, i, stop - i);
            }
            i = stop < end ? withhold(buffer, stop) : stop;
        }
        return i;
    }

    /** Goes over what may pass as it is, however many lines; stops at an octet that may not, and sets the state for it. */
    private int pass(byte[] buffer, int from, int end, boolean dots) {
        int i = from;
        if (state == State.DOT || state == State.DOT_CR) {
            return i;
        }
        if (state == State.CR) {
            i = behindCr(buffer, i);
        }
        while (i < end && !(state == State.LINE_START && dots && buffer[i] == '.')) {
            state = State.TEXT;
            i = skip(buffer, i, end);
            if (i < end) {
                byte octet = buffer[i];
                if (octet == Octets.CR) {
                    i++;
                    state = State.CR;
                    i = i < end ? behindCr(buffer, i) : i;
                } else if (octet == Octets.LF) {
                    state = State.LONE_LF;
                    return i;
                } else {
                    i++;
                    if (octet == Octets.NUL) {
                        sink.defect("NUL");
                    }
                }
            }
        }
        return i;
    }

    private int behindCr(byte[] buffer, int i) {
        if (buffer[i] == Octets.LF) {
            state = State.LINE_START;
            return i + 1;
        }
        sink.defect("lone CR");
        state = State.TEXT;
        return i;
    }

    /** Takes one octet that does not pass as it is, or finds that it may pass after all. */
    private int withhold(byte[] buffer, int i) {
        switch (state) {
            case LINE_START -> state = State.DOT;
            case DOT -> {
                if (buffer[i] != Octets.CR) {
                    state = State.TEXT; // the dot was stuffing
                    return i;
                }
                state = State.DOT_CR;
            }
            case DOT_CR -> {
                if (buffer[i] != Octets.LF) {
                    sink.defect("lone CR");
                    state = State.TEXT;
                    return i;
                }
                state = State.ENDED;
            }
            case LONE_LF -> {
                if (strict) {
                    sink.defect("lone LF");
                }
                sink.accept(CRLF, 0, CRLF.length);
                state = State.AFTER_LONE_LF;
            }
            default -> throw new IllegalStateException("nothing to withhold: " + state);
        }
        return i + 1;
    }

    /** Finds the next octet under 14, and looks out for octets above 127 on the way. */
    private int skip(byte[] buffer, int from, int end) {
        long seen = 0;
        int i = from;
        for (; i <= end - Long.BYTES; i += Long.BYTES) {
            long word = (long) Octets.WORDS.get(buffer, i);
            long hit = Octets.under14(word);
            if (hit != 0) {
                // only the octets below the hit: what is behind it may be the next command already
                seen |= word & ((Long.lowestOneBit(hit) >>> 7) - 1);
                eightBit |= (seen & Octets.HIGH_BITS) != 0;
                return i + (Long.numberOfTrailingZeros(hit) >>> 3);
            }
            seen |= word;
        }
        for (; i < end; i++) {
            byte octet = buffer[i];
            if (octet >= 0 && octet < 14) {
                break;
            }
            seen |= octet; // sign extension sets all high bits
        }
        eightBit |= (seen & Octets.HIGH_BITS) != 0;
        return i;
    }
}
