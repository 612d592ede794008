package dev.postern.benchmarks;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A socket with both sides buffered. Used by one thread at a time, but for {@link #close()}. */
final class Wire implements Closeable {

    private static final int BLOCK = 64 * 1024;
    private static final int MAX_LINE = 4096;
    private static final byte[] END = {'\r', '\n', '.', '\r', '\n'};

    private final Socket socket;
    private final byte[] block = new byte[BLOCK];
    private int position;
    private int limit;
    private InputStream in;
    private OutputStream out;

    Wire(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
        out = new BufferedOutputStream(socket.getOutputStream(), BLOCK);
    }

    void startTls(SSLContext context, boolean client, String peer) throws IOException {
        if (hasInput()) {
            throw new IOException("the peer spoke before TLS");
        }
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, peer, socket.getPort(), true);
        tls.setUseClientMode(client);
        tls.startHandshake();
        in = tls.getInputStream();
        out = new BufferedOutputStream(tls.getOutputStream(), BLOCK);
    }

    boolean hasInput() {
        return position < limit;
    }

    /** Reads a line, without its end. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (!hasInput()) {
                fill();
            }
            int start = position;
            while (position < limit && block[position] != '\n') {
                position++;
            }
            line.append(new String(block, start, position - start, StandardCharsets.ISO_8859_1));
            if (position < limit) {
                position++;
                int length = line.length();
                line.setLength(length > 0 && line.charAt(length - 1) == '\r' ? length - 1 : length);
                return line.toString();
            }
            if (line.length() > MAX_LINE) {
                throw new IOException("a line over " + MAX_LINE + " octets");
            }
        }
    }

    /** Reads content up to and including its end (RFC 5321 section 4.1.1.4), whose first CRLF may be that of DATA. */
    void skipContent() throws IOException {
        int matched = 2;
        while (matched < END.length) {
            if (!hasInput()) {
                fill();
            }
            while (position < limit && matched < END.length) {
                byte octet = block[position++];
                if (octet == END[matched]) {
                    matched++;
                } else {
                    matched = octet == END[0] ? 1 : 0;
                }
            }
        }
    }

    /**
     * Reads content with its end, as it is. Looks for the end only where what was read ends: whoever waits for the answer
     * sends nothing behind it.
     */
    byte[] content() throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream(8 * 1024);
        while (true) {
            if (!hasInput()) {
                fill();
            }
            content.write(block, position, limit - position);
            position = limit;
            if (block[limit - 1] == '\n') {
                byte[] octets = content.toByteArray();
                int from = octets.length - END.length;
                if (from >= 0 && Arrays.equals(octets, from, octets.length, END, 0, END.length)) {
                    return octets;
                }
            }
        }
    }

    /** Reads so many octets. */
    void skip(long octets) throws IOException {
        for (long left = octets; left > 0; ) {
            if (!hasInput()) {
                fill();
            }
            int step = (int) Math.min(left, limit - position);
            position += step;
            left -= step;
        }
    }

    void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void write(byte[] octets) throws IOException {
        out.write(octets);
    }

    void flush() throws IOException {
        out.flush();
    }

    /** Closes the socket below TLS: nobody waits for a farewell. */
    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void fill() throws IOException {
        position = 0;
        limit = 0;
        int length = in.read(block, 0, block.length);
        if (length < 0) {
            throw new EOFException("the peer has closed the connection");
        }
        limit = length;
    }
}
