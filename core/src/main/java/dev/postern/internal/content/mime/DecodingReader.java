package dev.postern.internal.content.mime;

import dev.postern.internal.content.mime.TransferDecoder.Encoding;

/**
 * Decodes a body and has its lines read: those of a text, or of a message within the message, for which RFC 2045 section 6.4
 * forbids it, yet programs send and receivers decode it; RFC 6532 section 3.7 allows it for message/global. Its lines end by CR,
 * LF or both.
 */
final class DecodingReader implements BodyReader, TransferDecoder.Output {

    private final WholeMessage message;
    private final BodyReader reader;
    private final TransferDecoder decoder;
    private final byte[] pending = new byte[LineSplitter.LONG_LINE];
    private int length;
    private boolean first = true;
    private boolean afterCr;
    private long position;

    DecodingReader(WholeMessage message, Encoding encoding, BodyReader reader) {
        this.message = message;
        this.reader = reader;
        decoder = new TransferDecoder(encoding, false, this);
    }

    @Override
    public boolean indifferent() {
        return !wantsMore();
    }

    @Override
    public void line(byte[] buffer, int start, int end, boolean first, boolean last, long at) {
        if (wantsMore()) {
            message.worked(end - start);
            position = at;
            decoder.line(buffer, start, end, first, last);
        }
    }

    @Override
    public void end(boolean cutOff) {
        if (length > 0 || !first) {
            hand(true);
        }
        reader.end(cutOff);
    }

    @Override
    public boolean wantsMore() {
        return !reader.indifferent();
    }

    @Override
    public void doubtful(int octet) {
        octet(octet);
    }

    @Override
    public void octet(int octet) {
        byte next = (byte) octet;
        boolean ends = next == '\r' || next == '\n';
        if (ends && !(afterCr && next == '\n')) {
            hand(true);
        } else if (!ends) {
            if (length == pending.length) {
                hand(false);
            }
            pending[length++] = next;
        }
        afterCr = next == '\r';
    }

    @Override
    public void octets(byte[] octets, int start, int end) {
        int i = start;
        while (i < end && wantsMore()) {
            int most = Math.min(end, i + pending.length - length);
            int stop = i;
            while (stop < most && octets[stop] != '\r' && octets[stop] != '\n') {
                stop++;
            }
            if (stop > i) {
                System.arraycopy(octets, i, pending, length, stop - i);
                length += stop - i;
                afterCr = false;
                i = stop;
            } else {
                octet(octets[i++]); // ends a line, or is the first that has no room
            }
        }
    }

    private void hand(boolean last) {
        reader.line(pending, 0, length, first, last, position);
        length = 0;
        first = last;
    }
}
