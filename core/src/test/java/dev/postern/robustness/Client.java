package dev.postern.robustness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** A client that can leave in every way there is. Its octets are characters of ISO 8859-1. */
final class Client implements AutoCloseable {

    /** How a client leaves. */
    enum Leaving {
        CLOSE,
        RESET,
        /** Says that nothing more will come, and goes on listening. */
        HALF_CLOSE
    }

    /** Stands behind what was read when the connection was reset. */
    static final String RESET = "(reset)";

    private static final int READ_LIMIT = (int) Duration.ofSeconds(10).toMillis();

    private final Socket socket = new Socket();

    Client(InetSocketAddress server) {
        this("127.0.0.1", server);
    }

    /** Comes from another address of this machine, as another client. */
    Client(String local, InetSocketAddress server) {
        try {
            socket.setTcpNoDelay(true);
            socket.bind(new InetSocketAddress(local, 0));
            socket.connect(server, READ_LIMIT);
            socket.setSoTimeout(READ_LIMIT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void write(String octets) {
        write(octets.getBytes(StandardCharsets.ISO_8859_1));
    }

    void write(byte[] octets) {
        try {
            socket.getOutputStream().write(octets);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a line and reads the reply, which must have a code. */
    void say(String line, int code) {
        write(line + "\r\n");
        expect(code);
    }

    /** Reads a reply, which must have a code. */
    void expect(int code) {
        String line;
        do {
            line = readLine();
            if (!line.startsWith(Integer.toString(code))) {
                throw new AssertionError("not " + code + ": " + line);
            }
        } while (line.charAt(3) == '-');
    }

    private String readLine() {
        StringBuilder line = new StringBuilder();
        try {
            for (int octet = socket.getInputStream().read();
                    octet != '\n';
                    octet = socket.getInputStream().read()) {
                if (octet < 0) {
                    throw new AssertionError("closed in place of a reply, behind \"" + line + "\"");
                }
                line.append((char) octet);
            }
        } catch (IOException e) {
            throw new AssertionError("no reply: " + e, e);
        }
        return line.toString();
    }

    /** Reads until the server closes or resets the connection. */
    String readToEnd() {
        StringBuilder text = new StringBuilder();
        try {
            byte[] block = new byte[4096];
            for (int count = socket.getInputStream().read(block);
                    count >= 0;
                    count = socket.getInputStream().read(block)) {
                text.append(new String(block, 0, count, StandardCharsets.ISO_8859_1));
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("the server does not close, after: " + text, e);
        } catch (IOException e) {
            return text + RESET; // is an end as well
        }
        return text.toString();
    }

    boolean hasReply() {
        try {
            return socket.getInputStream().available() > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void leave(Leaving how) {
        try {
            switch (how) {
                case CLOSE -> socket.close();
                case RESET -> {
                    socket.setSoLinger(true, 0);
                    socket.close();
                }
                case HALF_CLOSE -> socket.shutdownOutput();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot " + how.name().toLowerCase(Locale.ROOT), e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
