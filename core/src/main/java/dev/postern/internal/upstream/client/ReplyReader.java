package dev.postern.internal.upstream.client;

import dev.postern.internal.octets.Octets;
import dev.postern.internal.time.TimedRead;
import dev.postern.spi.RelayClock;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads replies by the grammar of RFC 5321 section 4.2 and nothing else, within bounds, for the upstream may be broken or
 * hostile: whoever cannot be understood is not listened to any longer.
 */
final class ReplyReader {

    private static final int MAX_LINE_OCTETS = 2048; // four times what RFC 5321 section 4.5.3.1.5 allows
    private static final int MAX_LINES = 100;
    private static final int MAX_OCTETS = 64 * 1024;

    private final Socket socket;
    private final RelayClock clock;
    private final byte[] buffer = new byte[4096];
    private InputStream in;
    private int position;
    private int limit;

    /** The socket is the one under TLS. */
    ReplyReader(Socket socket, InputStream in, RelayClock clock) {
        this.socket = socket;
        this.in = in;
        this.clock = clock;
    }

    /** Goes on with another stream over the same socket. */
    void readFrom(InputStream newIn) {
        in = newIn;
    }

    /** Tells whether octets were received that no reply has used. */
    boolean hasBuffered() {
        return position < limit;
    }

    /**
     * Receives what is there, or comes within a millisecond, unless there is something already; tells whether there is.
     */
    boolean receive() throws IOException {
        if (!hasBuffered()) {
            position = 0;
            limit = 0;
            socket.setSoTimeout(1);
            try {
                receive(in.read(buffer, 0, buffer.length));
            } catch (SocketTimeoutException e) {
                return false;
            }
        }
        return true;
    }

    UpstreamReply read(long deadline) throws IOException {
        List<String> lines = new ArrayList<>(1);
        int code = 0;
        int octets = 0;
        while (true) {
            String line = readLine(deadline);
            octets += line.length();
            int lineCode = code(line);
            if (lines.size() == MAX_LINES || octets > MAX_OCTETS) {
                throw malformed("endless reply", line);
            }
            if (!lines.isEmpty() && lineCode != code) {
                throw malformed("reply with two codes", line);
            }
            code = lineCode;
            lines.add(line.length() > 4 ? line.substring(4) : "");
            if (line.length() == 3 || line.charAt(3) == ' ') {
                return new UpstreamReply(code, lines);
            }
        }
    }

    private String readLine(long deadline) throws IOException {
        int lf = Octets.indexOf(buffer, position, limit, Octets.LF);
        while (lf == limit) {
            int seen = limit - position;
            if (seen >= MAX_LINE_OCTETS) {
                throw malformed("endless line", text(position, limit));
            }
            fill(deadline);
            lf = Octets.indexOf(buffer, position + seen, limit, Octets.LF);
        }
        return endLine(lf);
    }

    private void fill(long deadline) throws IOException {
        if (position > 0) {
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            limit -= position;
            position = 0;
        }
        receive(TimedRead.read(socket, in, buffer, limit, buffer.length - limit, clock, deadline));
    }

    private void receive(int count) throws UpstreamException {
        if (count < 0) {
            throw new UpstreamException(UpstreamException.Kind.LOST, "connection closed by the upstream");
        }
        limit += count;
    }

    private String endLine(int lf) throws UpstreamException {
        String line = text(position, lf);
        position = lf + 1;
        if (line.length() >= MAX_LINE_OCTETS || !line.endsWith("\r")) {
            throw malformed("line without CRLF or over its limit", line);
        }
        return line.substring(0, line.length() - 1);
    }

    private static int code(String line) throws UpstreamException {
        boolean wellFormed =
                line.length() >= 3 && (line.length() == 3 || line.charAt(3) == ' ' || line.charAt(3) == '-');
        int code = 0;
        for (int i = 0; wellFormed && i < 3; i++) {
            char digit = line.charAt(i);
            wellFormed = digit >= '0' && digit <= '9';
            code = code * 10 + digit - '0';
        }
        if (!wellFormed || code < 200 || code > 599) {
            throw malformed("not an SMTP reply", line);
        }
        return code;
    }

    private String text(int from, int to) {
        return new String(buffer, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static UpstreamException malformed(String what, String line) {
        int shown = Math.min(line.length(), 80);
        return new UpstreamException(UpstreamException.Kind.OUT_OF_STEP, what + ": " + line.substring(0, shown));
    }
}
