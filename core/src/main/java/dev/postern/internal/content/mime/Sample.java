package dev.postern.internal.content.mime;

import java.util.Arrays;
import java.util.List;

/** The first octets of a part that is decoded, with those that some readers leave out and without. */
final class Sample implements TransferDecoder.Output {

    static final int MOST = 8 * 1024;

    private static final byte[] NONE = {};

    private byte[] all = NONE;
    private int length;
    private byte[] certain = NONE; // once they differ
    private int certainLength = -1;

    @Override
    public boolean wantsMore() {
        return length < MOST;
    }

    @Override
    public void octet(int octet) {
        if (certainLength < 0 && length < all.length) {
            all[length++] = (byte) octet;
            return;
        }
        if (certainLength >= 0 && certainLength < MOST) {
            certain = withRoom(certain, certainLength);
            certain[certainLength++] = (byte) octet;
        }
        append(octet);
    }

    @Override
    public void octets(byte[] octets, int start, int end) {
        if (certainLength >= 0) {
            for (int i = start; i < end; i++) {
                octet(octets[i]);
            }
            return;
        }
        int count = Math.min(end - start, MOST - length);
        if (length + count > all.length) {
            all = Arrays.copyOf(all, Math.min(MOST, Math.max(512, 2 * (length + count))));
        }
        System.arraycopy(octets, start, all, length, count);
        length += count;
    }

    @Override
    public void doubtful(int octet) {
        if (certainLength < 0 && wantsMore()) {
            certain = all.clone();
            certainLength = length;
        }
        append(octet);
    }

    /** What readers may see. */
    List<byte[]> readings() {
        byte[] whole = Arrays.copyOf(all, length);
        return certainLength < 0 ? List.of(whole) : List.of(whole, Arrays.copyOf(certain, certainLength));
    }

    private void append(int octet) {
        if (wantsMore()) {
            all = withRoom(all, length);
            all[length++] = (byte) octet;
        }
    }

    private static byte[] withRoom(byte[] octets, int used) {
        return used < octets.length ? octets : Arrays.copyOf(octets, Math.min(MOST, Math.max(512, 2 * used)));
    }
}
