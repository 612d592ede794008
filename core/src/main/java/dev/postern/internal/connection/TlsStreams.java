package dev.postern.internal.connection;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * TLS above a client's streams. All buffers that see octets in clear are ours, so that a credential can be wiped: a TLS
 * socket of the JDK keeps the last record that it has decrypted until the next one comes. What TLS has to say itself leaves
 * with what we say next, or before we wait for the client. A read that ends by a time-out, even in the middle of a
 * record, can be made again. Used by one thread.
 */
final class TlsStreams {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** What an idle session holds; the records of ordinary command lines fit. */
    private static final int SMALL = 1024;

    /** Of what the engine says to explain why it fails. */
    private static final int MOST_ALERTS = 8;

    private final InputStream in;
    private final OutputStream out;
    private final SSLEngine engine;
    private final ContentBuffers buffers;
    private boolean established;

    private final byte[] small = new byte[SMALL];
    private byte[] records = small; // as they came
    private int start;
    private int end;
    private boolean filled; // by the last read, all room that it had

    private byte @Nullable [] plain; // a record that was larger than the reader's room
    private int plainStart;
    private int plainEnd;
    private boolean engineHasMore; // perhaps: some engines keep what the reader has no room for

    private @Nullable ByteArrayOutputStream unsent;

    TlsStreams(InputStream in, OutputStream out, SSLEngine engine, ContentBuffers buffers) {
        this.in = in;
        this.out = out;
        this.engine = engine;
        this.buffers = buffers;
    }

    SSLSession session() {
        return engine.getSession();
    }

    /** Shakes hands. Each flight of ours leaves in one write. */
    void handshake() throws IOException {
        engine.beginHandshake();
        while (!established) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP -> wrap(NOTHING);
                case NEED_TASK -> runTasks();
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> takeHandshakeRecord();
                case FINISHED, NOT_HANDSHAKING -> established = true;
            }
        }
        if (!isTls13()) {
            send(); // the client's handshake ends with it; with TLS 1.3, what is left is a ticket, which can wait
        }
    }

    private boolean isTls13() {
        return session().getProtocol().equals("TLSv1.3");
    }

    private void takeHandshakeRecord() throws IOException {
        SSLEngineResult result = unwrap(NOTHING);
        if (result.getStatus() == Status.CLOSED) {
            throw new SSLHandshakeException("ended by the client");
        }
        if (result.bytesConsumed() == 0 && !receive()) {
            throw new EOFException("end of stream within the TLS handshake");
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    // in

    InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] octets, int offset, int length) throws IOException {
                Objects.checkFromIndexSize(offset, length, octets.length);
                return length == 0 ? 0 : TlsStreams.this.read(octets, offset, length);
            }

            /** More than 0 when something is there, in whatever form. */
            @Override
            public int available() throws IOException {
                int known = plainEnd - plainStart + end - start;
                return known > 0 ? known : in.available();
            }
        };
    }

    private int read(byte[] octets, int offset, int length) throws IOException {
        while (true) {
            if (plain != null) {
                return takePlain(plain, octets, offset, length);
            }
            if (start < end || engineHasMore) {
                SSLEngineResult result = unwrap(ByteBuffer.wrap(octets, offset, length));
                int produced = result.bytesProduced();
                engineHasMore = produced == length;
                if (produced == 0 && result.getStatus() == Status.BUFFER_OVERFLOW) {
                    result = unwrapAside();
                }
                if (result.getStatus() == Status.CLOSED) {
                    return -1;
                }
                answer(result.getHandshakeStatus());
                if (produced > 0) {
                    return produced;
                }
                if (result.bytesConsumed() > 0) {
                    continue; // it is aside, or says nothing, or something about TLS itself
                }
            }
            if (!receive()) {
                return -1; // without a close_notify; nothing of SMTP ends by the end of the stream
            }
        }
    }

    /** For a record that the reader has no room for; of which not all need to be there. */
    private SSLEngineResult unwrapAside() throws SSLException {
        byte[] aside = buffers.record(session().getApplicationBufferSize());
        SSLEngineResult result = unwrap(ByteBuffer.wrap(aside));
        if (result.bytesProduced() > 0) {
            plain = aside;
            plainStart = 0;
            plainEnd = result.bytesProduced();
        } else {
            buffers.giveBack(aside);
        }
        return result;
    }

    private int takePlain(byte[] from, byte[] octets, int offset, int length) {
        int count = Math.min(length, plainEnd - plainStart);
        System.arraycopy(from, plainStart, octets, offset, count);
        Arrays.fill(from, plainStart, plainStart + count, (byte) 0);
        plainStart += count;
        if (plainStart == plainEnd) {
            dropPlain();
        }
        return count;
    }

    private void dropPlain() {
        if (plain != null) {
            Arrays.fill(plain, plainStart, plainEnd, (byte) 0);
            buffers.giveBack(plain);
            plain = null;
            plainStart = 0;
            plainEnd = 0;
        }
    }

    /** What TLS wants of us after the handshake: an answer to a KeyUpdate (RFC 8446 section 4.6.3). */
    private void answer(HandshakeStatus wanted) throws IOException {
        HandshakeStatus status = wanted;
        while (status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP) {
            if (!isTls13()) {
                // with TLS 1.2 a client could ask for one handshake after the other, each of which costs us more than
                // it costs the client; RFC 5746 made them safe, not cheap
                throw new SSLException("the client asks for another handshake");
            }
            if (status == HandshakeStatus.NEED_TASK) {
                runTasks();
            } else {
                wrap(NOTHING);
            }
            status = engine.getHandshakeStatus();
        }
    }

    private SSLEngineResult unwrap(ByteBuffer to) throws SSLException {
        try {
            SSLEngineResult result = engine.unwrap(ByteBuffer.wrap(records, start, end - start), to);
            int next = start + result.bytesConsumed();
            Arrays.fill(records, start, next, (byte) 0); // engines decrypt in place
            start = next;
            return result;
        } catch (SSLException e) {
            explain(e);
            throw e;
        }
    }

    /** Waits for more of a record; false at the end of the stream. */
    private boolean receive() throws IOException {
        send();
        if (start == end) {
            start = 0;
            end = 0;
            moveTo(filled ? large() : small); // nobody knows how long a wait will be: large is for what flows
        } else if (end == records.length) {
            moveTo(start > 0 ? records : large());
        }
        int room = Math.min(records.length - end, buffers.mostAtOnce());
        if (room == 0) {
            throw new SSLException("a record larger than any may be"); // RFC 8446 section 5.2
        }
        int read = in.read(records, end, room);
        if (read < 0) {
            return false;
        }
        filled = read == room;
        end += read;
        return true;
    }

    private byte[] large() {
        return records == small ? buffers.record(session().getPacketBufferSize()) : records;
    }

    private void moveTo(byte[] other) {
        System.arraycopy(records, start, other, 0, end - start);
        end -= start;
        start = 0;
        if (records != other && records != small) {
            buffers.giveBack(records);
        }
        records = other;
    }

    // out

    OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                write(new byte[] {(byte) octet}, 0, 1);
            }

            @Override
            public void write(byte[] octets, int offset, int length) throws IOException {
                ByteBuffer from = ByteBuffer.wrap(octets, offset, length);
                while (from.hasRemaining()) {
                    wrap(from);
                }
                send();
            }
        };
    }

    /** Makes one record, of what is to be said or of what the engine has to say. */
    private void wrap(ByteBuffer from) throws SSLException {
        try {
            makeRecord(from);
        } catch (SSLException e) {
            explain(e);
            throw e;
        }
    }

    private void makeRecord(ByteBuffer from) throws SSLException {
        byte[] record = buffers.record(session().getPacketBufferSize());
        try {
            SSLEngineResult result = engine.wrap(from, ByteBuffer.wrap(record));
            int octets = result.bytesProduced();
            ByteArrayOutputStream waiting = unsent == null ? new ByteArrayOutputStream(octets) : unsent;
            waiting.write(record, 0, octets);
            unsent = waiting;
            if (result.getStatus() != Status.OK && from.hasRemaining()) {
                throw new SSLException("nothing can be said any more: " + result.getStatus());
            }
        } finally {
            buffers.giveBack(record);
        }
    }

    private void send() throws IOException {
        ByteArrayOutputStream waiting = unsent;
        if (waiting != null) {
            unsent = null;
            waiting.writeTo(out);
            out.flush();
        }
    }

    /** Tells the client why TLS fails, by an alert, if the engine has one (RFC 8446 section 6.2). */
    private void explain(SSLException failure) {
        try {
            for (int i = 0; i < MOST_ALERTS && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP; i++) {
                makeRecord(NOTHING);
            }
            send();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Says that nothing more will be said (RFC 8446 section 6.1). */
    void closeOutput() throws IOException {
        engine.closeOutbound();
        for (int i = 0; i < MOST_ALERTS && !engine.isOutboundDone(); i++) {
            wrap(NOTHING);
        }
        send();
    }

    /** Frees what it holds. */
    void release() {
        dropPlain();
        end = start;
        moveTo(small);
    }
}
