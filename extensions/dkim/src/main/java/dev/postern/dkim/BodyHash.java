package dev.postern.dkim;

import java.security.MessageDigest;

/** Hashes a body in its relaxed form (RFC 6376 section 3.4.4), without holding more than a block of it. */
final class BodyHash {

    private static final int BLOCK = 8 * 1024;

    private final MessageDigest digest;
    private final byte[] out = new byte[BLOCK];
    private int used;
    private long emptyLines; // not written yet, for at the end they do not count
    private boolean blank; // not written yet, for at the end of a line it does not count
    private boolean lineBegun;
    private byte[] hash = {};

    BodyHash(MessageDigest digest) {
        this.digest = digest;
    }

    void read(byte[] buffer, int start, int end) {
        int i = start;
        while (i < end) {
            byte octet = buffer[i];
            if (isText(octet)) {
                int run = i;
                while (i < end && isText(buffer[i])) {
                    i++;
                }
                text(buffer, run, i);
            } else {
                i++;
                if (octet == '\n') {
                    endLine();
                } else {
                    blank |= octet != '\r';
                }
            }
        }
    }

    private static boolean isText(byte octet) {
        return octet != ' ' && octet != '\t' && octet != '\r' && octet != '\n';
    }

    private void text(byte[] buffer, int start, int end) {
        if (!lineBegun) {
            lineBegun = true;
            for (; emptyLines > 0; emptyLines--) {
                lineEnd();
            }
        }
        if (blank) {
            blank = false;
            write((byte) ' ');
        }
        if (end - start > BLOCK - used) {
            digest.update(out, 0, used);
            used = 0;
            digest.update(buffer, start, end - start);
        } else {
            System.arraycopy(buffer, start, out, used, end - start);
            used += end - start;
        }
    }

    private void endLine() {
        blank = false;
        if (lineBegun) {
            lineEnd();
            lineBegun = false;
        } else {
            emptyLines++;
        }
    }

    private void lineEnd() {
        write((byte) '\r');
        write((byte) '\n');
    }

    private void write(byte octet) {
        if (used == BLOCK) {
            digest.update(out, 0, used);
            used = 0;
        }
        out[used++] = octet;
    }

    /** The hash; ends the body. */
    byte[] hash() {
        if (hash.length == 0) {
            if (lineBegun) {
                endLine();
            }
            digest.update(out, 0, used);
            hash = digest.digest();
        }
        return hash.clone();
    }
}
