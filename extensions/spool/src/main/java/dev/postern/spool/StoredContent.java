package dev.postern.spool;

import dev.postern.spi.MessageContent;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The content of a spooled message, read piece by piece; no connection is held between two pieces. */
record StoredContent(Tables tables, String id, long size, boolean eightBit) implements MessageContent {

    static StoredContent of(Tables tables, Stored message) {
        return new StoredContent(
                tables, message.id(), message.size(), message.frozen().eightBit());
    }

    @Override
    public InputStream open() {
        return new Pieces();
    }

    private final class Pieces extends InputStream {
        private byte[] piece = new byte[0];
        private int at;
        private int next;
        private long left = size;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, buffer.length);
            if (length == 0) {
                return 0;
            }
            if (at == piece.length && !nextPiece()) {
                return -1;
            }
            int count = Math.min(length, piece.length - at);
            System.arraycopy(piece, at, buffer, offset, count);
            at += count;
            return count;
        }

        private boolean nextPiece() throws IOException {
            if (left == 0) {
                return false;
            }
            try {
                piece = tables.piece(id, next++);
            } catch (SpoolException e) {
                throw new IOException("the spooled content cannot be read", e);
            }
            if (piece.length == 0) { // another node took over and is done
                throw new EOFException("the spooled content is gone");
            }
            at = 0;
            left -= piece.length;
            return true;
        }
    }
}
