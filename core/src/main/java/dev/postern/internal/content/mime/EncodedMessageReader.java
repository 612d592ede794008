package dev.postern.internal.content.mime;

import dev.postern.internal.content.mime.TransferDecoder.Encoding;

/**
 * Decodes a message within the message and walks it. RFC 2045 section 6.4 forbids that for message/rfc822, yet programs send
 * and receivers decode it; RFC 6532 section 3.7 allows it for message/global. Its lines end by CR, LF or both.
 */
final class EncodedMessageReader implements BodyReader, TransferDecoder.Output {

    private final WholeMessage message;
    private final StructureWalk walk;
    private final TransferDecoder decoder;
    private final byte[] pending = new byte[LineSplitter.LONG_LINE];
    private int length;
    private boolean first = true;
    private boolean afterCr;
    private long position;

    EncodedMessageReader(WholeMessage message, Encoding encoding, StructureWalk walk) {
        this.message = message;
        this.walk = walk;
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
        walk.end(position);
        message.closeReading();
    }

    @Override
    public boolean wantsMore() {
        return !walk.done();
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

    private void hand(boolean last) {
        walk.line(pending, 0, length, first, last, position);
        length = 0;
        first = last;
    }
}
