package dev.postern.robustness;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * One end of a TLS connection that has its records in its own hands: it can send any part of one, at any pace, and such as
 * no TLS socket would send. Used by one thread.
 */
public final class TlsPeer {

    /** What a client asks for, by SNI (RFC 6066 section 3). */
    public static final String SERVER_NAME = "relay.test";

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Socket socket;
    private final SSLEngine engine;
    private final ByteBuffer received;
    private final StringBuilder text = new StringBuilder();
    private boolean secured;

    /** Takes a connected socket, as the client or the server of the TLS to come. */
    public TlsPeer(Socket socket, SSLContext context, boolean client, String protocol) {
        this.socket = socket;
        engine = context.createSSLEngine(SERVER_NAME, 0);
        engine.setUseClientMode(client);
        engine.setEnabledProtocols(new String[] {protocol});
        received = ByteBuffer.allocate(4 * engine.getSession().getPacketBufferSize());
    }

    /** Shakes hands. */
    public void handshake() throws IOException {
        engine.beginHandshake();
        while (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP -> send(wrap(NOTHING));
                case NEED_TASK -> runTasks();
                default -> {
                    if (!unwrap() && !receive()) {
                        throw new IOException("closed within the handshake");
                    }
                }
            }
        }
        secured = true;
    }

    /** Tells whether the handshake is done. */
    public boolean secured() {
        return secured;
    }

    /** The first record of a handshake. */
    public byte[] hello() throws IOException {
        engine.beginHandshake();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
            runTasks();
        }
        return wrap(NOTHING);
    }

    /** A record, complete and not sent. */
    public byte[] record(String octets) throws IOException {
        return wrap(ByteBuffer.wrap(octets.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** A KeyUpdate that asks for one in return (RFC 8446 section 4.6.3). */
    public byte[] keyUpdate() throws IOException {
        engine.beginHandshake();
        return wrap(NOTHING);
    }

    /** Sends octets as they are. */
    public void send(byte... octets) throws IOException {
        socket.getOutputStream().write(octets);
    }

    /** Sends text. */
    public void say(String octets) throws IOException {
        send(record(octets));
    }

    /** Reads until what was said since the last time has a text in it. */
    public String readUntil(String end) throws IOException {
        while (text.indexOf(end) < 0) {
            if (!unwrap() && !receive()) {
                throw new IOException("closed behind \"" + text + "\"");
            }
        }
        return taken();
    }

    /** Reads until the other side says no more, and returns what it said since the last time. */
    public String readToEnd() {
        try {
            boolean more = true;
            while (more) {
                more = unwrap() || receive();
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the other side does not close, after: " + text, e);
        } catch (IOException e) {
            text.append(Client.RESET); // is an end as well
        }
        return taken();
    }

    private String taken() {
        String all = text.toString();
        text.setLength(0);
        return all;
    }

    private byte[] wrap(ByteBuffer octets) throws SSLException {
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        SSLEngineResult result = engine.wrap(octets, record);
        if (result.getStatus() != SSLEngineResult.Status.OK) {
            throw new SSLException("not wrapped: " + result);
        }
        byte[] made = new byte[record.position()];
        record.flip().get(made);
        return made;
    }

    /** Takes one record in; false when there is none as a whole, or never will be. */
    private boolean unwrap() throws SSLException {
        ByteBuffer plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
        received.flip();
        SSLEngineResult result = engine.unwrap(received, plain);
        received.compact();
        text.append(StandardCharsets.ISO_8859_1.decode(plain.flip()));
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
            runTasks();
        }
        return result.bytesConsumed() > 0;
    }

    private boolean receive() throws IOException {
        int read = socket.getInputStream().read(received.array(), received.position(), received.remaining());
        if (read > 0) {
            received.position(received.position() + read);
        }
        return read > 0;
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }
}
