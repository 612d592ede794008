package dev.postern.testkit.internal.front;

import dev.postern.spi.Reply;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.internal.front.OwedReplies.Passage;
import dev.postern.testkit.internal.script.FaultRunner;
import dev.postern.testkit.internal.script.FaultScript;
import dev.postern.testkit.internal.wire.Transcript;
import dev.postern.testkit.internal.wire.Wire;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One session through a {@link RelayFront}, from its beginning to its end. The session's thread reads the client and does
 * the faults ({@link FrontDialogue}); a second one reads the relay ({@link RelaySide}).
 */
public final class FrontConnection {

    private static final int TLS_HANDSHAKE = 0x16; // what no SMTP command begins with (RFC 8446 section 5.1)

    private final int index;
    private final Socket clientSocket;
    private final Wire client;
    private final InetSocketAddress relayAddress;
    private final RelayFront.Door.Kind kind;
    private final RelayFront.Tls tls;
    private final FaultScript script;
    private final Transcript transcript = new Transcript();
    private final FaultRunner faults;
    private final OwedReplies owed = new OwedReplies();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable RelaySide relay;
    private volatile @Nullable FrontDialogue dialogue;

    FrontConnection(
            int index,
            Socket clientSocket,
            InetSocketAddress relayAddress,
            RelayFront.Door.Kind kind,
            RelayFront.Tls tls,
            FaultScript script)
            throws IOException {
        this.index = index;
        this.clientSocket = clientSocket;
        this.client = new Wire(clientSocket);
        this.relayAddress = relayAddress;
        this.kind = kind;
        this.tls = tls;
        this.script = script;
        this.faults = new FaultRunner(client, transcript);
    }

    public int index() {
        return index;
    }

    public int clientPort() {
        return clientSocket.getPort();
    }

    public String transcript() {
        return transcript.text();
    }

    Transcript said() {
        return transcript;
    }

    public List<String> commands() {
        FrontDialogue now = dialogue;
        return now == null ? List.of() : now.commands();
    }

    public String user() {
        FrontDialogue now = dialogue;
        return now == null ? "" : now.user();
    }

    public boolean open() {
        return ended.getCount() > 0;
    }

    public boolean awaitEnd(Duration time) {
        try {
            return ended.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Says farewell out of turn, as a relay does whose time is over, and closes both sides. */
    public void hangUp(Reply reply) {
        synchronized (owed) {
            owed.awaitQuiet();
            owed.end();
            try {
                faults.carryOut(Fault.octets(((Fault.Say) Fault.reply(reply)).octets()));
                client.closeOutput();
            } catch (IOException e) {
                transcript.note("the client was gone: " + e.getMessage());
            }
        }
        cutRelay();
    }

    /** Ends both sides at once, from any thread. */
    void abort() {
        faults.abort();
        cutRelay();
        cut(client::cut);
        owed.end(); // last: whoever holds the lock may have been blocked in a connection
    }

    private void cutRelay() {
        RelaySide other = relay;
        if (other != null) {
            cut(other::cut);
        }
    }

    private void cut(Closeable connection) {
        try {
            connection.close();
        } catch (IOException e) {
            transcript.note("cut: " + e.getMessage());
        }
    }

    void run() {
        try {
            RelaySide other = begin();
            FrontDialogue now = new FrontDialogue(client, other, tls, owed, script, faults, transcript);
            dialogue = now;
            if (client.octetComes() && client.peek() == TLS_HANDSHAKE) {
                other.passThrough();
            }
            for (byte[] line = nextLine(); line.length > 0; line = nextLine()) {
                now.command(line);
            }
            clientEnded(other);
        } catch (FaultRunner.SessionOver e) {
            transcript.note("ended by a fault");
        } catch (IOException e) {
            transcript.note("ended: " + e.getMessage());
        } finally {
            abort();
            ended.countDown();
        }
    }

    /** Carries out what is scripted for the beginning, and connects to the relay. */
    private RelaySide begin() throws IOException {
        Optional<Fault> atConnect = script.next(FaultScript.moment(Stage.CONNECT));
        if (atConnect.isPresent()) {
            faults.carryOut(atConnect.get());
        }
        if (kind == RelayFront.Door.Kind.IMPLICIT_TLS) {
            transcript.note(
                    "TLS handshake: " + client.secureAsServer(tls.server().get()));
        }
        Optional<Fault> greeting = FrontDialogue.scripted(script, faults, FaultScript.moment(Stage.GREETING));
        if (greeting.isPresent() && !FrontDialogue.succeeds(greeting.get())) {
            faults.carryOut(greeting.get());
            faults.carryOut(Fault.close()); // there is no session to go on with
        }
        RelaySide other =
                RelaySide.connect(relayAddress, clientSocket.getInetAddress(), kind, client, tls, transcript, owed);
        relay = other;
        owed.add(Stage.GREETING, greeting.isPresent() ? Passage.SWALLOWED : Passage.ON);
        RelayFront.thread("relay-" + index, other::read).start();
        if (greeting.isPresent()) {
            owed.await();
            faults.carryOut(greeting.get());
        }
        return other;
    }

    private byte[] nextLine() throws IOException {
        return client.readLine(Wire.LineEnd.LF);
    }

    /** A client that says nothing more may still want to hear what it is owed. */
    private void clientEnded(RelaySide other) throws IOException {
        transcript.note("closed by the client");
        other.closeOutput();
        owed.awaitRelayEnd();
    }
}
