package dev.postern.testkit.internal.front;

import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.internal.front.OwedReplies.Owed;
import dev.postern.testkit.internal.front.OwedReplies.Passage;
import dev.postern.testkit.internal.wire.Transcript;
import dev.postern.testkit.internal.wire.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * The relay's side of a session through a {@link RelayFront}: sends on what the client says, and reads the relay's replies
 * on a thread of its own, which passes them on or swallows them.
 */
final class RelaySide {

    private final Wire relay;
    private final Wire client;
    private final RelayFront.Tls tls;
    private final Transcript transcript;
    private final OwedReplies owed;
    private boolean opaque; // with greeted, guarded by the lock of the replies
    private boolean greeted;
    private volatile boolean cut;

    private RelaySide(Wire relay, Wire client, RelayFront.Tls tls, Transcript transcript, OwedReplies owed) {
        this.relay = relay;
        this.client = client;
        this.tls = tls;
        this.transcript = transcript;
        this.owed = owed;
    }

    /** Connects from the client's own address where that is possible, for the relay counts by address. */
    static RelaySide connect(
            InetSocketAddress address,
            InetAddress from,
            RelayFront.Door.Kind kind,
            Wire client,
            RelayFront.Tls tls,
            Transcript transcript,
            OwedReplies owed)
            throws IOException {
        Socket socket = new Socket();
        if (from.isLoopbackAddress()) {
            socket.bind(new InetSocketAddress(from, 0));
        }
        socket.setTcpNoDelay(true);
        try {
            socket.connect(address, 10_000);
        } catch (IOException e) {
            socket.close();
            throw new IOException("the relay at " + address + " cannot be reached: " + e.getMessage(), e);
        }
        Wire relay = new Wire(socket);
        if (kind == RelayFront.Door.Kind.IMPLICIT_TLS) {
            try {
                secure(relay, tls);
            } catch (IOException e) {
                relay.close();
                throw e;
            }
        }
        return new RelaySide(relay, client, tls, transcript, owed);
    }

    void send(byte[] octets, Stage stage, Passage passage) throws IOException {
        owed.add(stage, passage);
        relay.write(octets);
    }

    /** Sends octets that the relay owes no reply for yet. */
    void send(byte[] octets) throws IOException {
        relay.write(octets);
    }

    /** Passes a session on unread whose first octets begin a TLS handshake; returns when the client has ended it. */
    void passThrough() throws IOException {
        synchronized (owed) {
            if (greeted) {
                return; // the client has read the greeting: what it says is merely odd
            }
            opaque = true;
            owed.forget();
        }
        transcript.note("TLS from the first octet: passed on unread");
        while (client.octetComes()) {
            relay.write(client.takeBuffered());
        }
    }

    void closeOutput() throws IOException {
        relay.closeOutput();
    }

    /** Ends the connection at once, from any thread. */
    void cut() throws IOException {
        cut = true;
        relay.cut();
    }

    /** Reads the relay until it ends. */
    void read() {
        try {
            ByteArrayOutputStream reply = new ByteArrayOutputStream();
            while (relay.octetComes()) {
                if (opaque()) {
                    client.write(relay.takeBuffered());
                    continue;
                }
                byte[] line = relay.readLine(Wire.LineEnd.LF);
                reply.writeBytes(line);
                if (line.length < 4 || line[3] != '-') {
                    replied(code(line), reply.toByteArray());
                    reply.reset();
                }
            }
            transcript.note("closed by the relay");
            client.closeOutput();
        } catch (IOException e) {
            if (!cut) {
                transcript.note("the relay's side ended: " + e.getMessage());
                resetClient();
            }
        } finally {
            owed.relayEnded();
        }
    }

    private boolean opaque() {
        synchronized (owed) {
            return opaque;
        }
    }

    private void replied(int code, byte[] reply) throws IOException {
        synchronized (owed) {
            Owed now = owed.next().orElse(new Owed(Stage.OTHER, Passage.ON)); // said out of turn
            if (now.stage() == Stage.STARTTLS && code == 220) {
                secure(relay, tls); // the client's side is the dialogue's
            }
            if (now.passage() == Passage.ON) {
                new String(reply, StandardCharsets.ISO_8859_1)
                        .lines()
                        .forEach(line -> transcript.server((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1)));
                client.write(reply);
            }
            greeted = true;
            owed.answered(code);
        }
    }

    private static int code(byte[] line) {
        String text = new String(line, StandardCharsets.ISO_8859_1);
        return text.matches("(?s)[2-5][0-9][0-9].*") ? Integer.parseInt(text.substring(0, 3)) : 0;
    }

    private static void secure(Wire relay, RelayFront.Tls tls) throws IOException {
        try {
            relay.secureAsClient(tls.client().get());
        } catch (IOException e) {
            throw new IOException(
                    "TLS towards the relay failed: " + e.getMessage()
                            + "; give the relay RelayEnvironment.serverTls(), or connect to the relay itself",
                    e);
        }
    }

    private void resetClient() {
        try {
            client.reset();
        } catch (IOException e) {
            transcript.note("reset: " + e.getMessage());
        }
    }
}
