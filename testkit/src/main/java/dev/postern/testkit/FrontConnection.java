package dev.postern.testkit;

import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One session through a {@link RelayFront}. The session's thread reads the client and does the faults; a second one reads
 * the relay. Commands go on as they come, pipelined ones too; a fault waits until all earlier replies are passed on. A
 * command that is refused by a fault never reaches the relay, so that both sides agree on where the session stands.
 */
final class FrontConnection {

    /** Whether the client gets a reply that the relay owes. */
    private enum Passage {
        ON,
        SWALLOWED
    }

    /** A reply that the relay owes. */
    private record Owed(Stage stage, Passage passage) {}

    /** What remains of a fault that was a delay and no more. */
    private static final Fault NOTHING = Fault.octets("");

    private static final Pattern PATH = Pattern.compile("(?i)(?:FROM|TO):\\s*<([^>]*)>.*");
    private static final Pattern BDAT = Pattern.compile("(?i)([0-9]{1,9})( LAST)?");
    private static final int BLOCK = 8_192;
    private static final int TLS_HANDSHAKE = 0x16; // what no SMTP command begins with (RFC 8446 section 5.1)

    private final int index;
    private final Socket clientSocket;
    private final Wire client;
    private final InetSocketAddress relayAddress;
    private final RelayFront.Tls tls;
    private final FaultScript script;
    private final Transcript transcript = new Transcript();
    private final FaultRunner faults;
    private final CountDownLatch ended = new CountDownLatch(1);

    // guarded by this; the reader of the relay and the reader of the client meet here
    private final Deque<Owed> owed = new ArrayDeque<>();
    private final List<String> commands = new ArrayList<>();
    private int lastCode;
    private int acceptedRecipients;
    private boolean relayEnded;
    private boolean opaque;
    private boolean greeted;

    private volatile @Nullable Wire relay;
    private volatile boolean over;
    private volatile String user = "";
    private String mechanism = "";
    private List<String> envelope = new ArrayList<>();

    FrontConnection(
            int index, Socket clientSocket, InetSocketAddress relayAddress, RelayFront.Tls tls, FaultScript script)
            throws IOException {
        this.index = index;
        this.clientSocket = clientSocket;
        this.client = new Wire(clientSocket);
        this.relayAddress = relayAddress;
        this.tls = tls;
        this.script = script;
        this.faults = new FaultRunner(client, transcript);
    }

    int index() {
        return index;
    }

    int clientPort() {
        return clientSocket.getPort();
    }

    String transcript() {
        return transcript.text();
    }

    Transcript said() {
        return transcript;
    }

    synchronized List<String> commands() {
        return List.copyOf(commands);
    }

    String user() {
        return user;
    }

    boolean open() {
        return ended.getCount() > 0;
    }

    boolean awaitEnd(Duration time) {
        try {
            return ended.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends both sides at once, from any thread. */
    void abort() {
        over = true;
        faults.abort();
        cut(client); // first: whoever holds the lock may be blocked in it
        cutRelay();
        synchronized (this) {
            notifyAll();
        }
    }

    /** Says farewell out of turn, as a relay does whose time is over, and closes both sides. */
    void hangUp(Reply reply) {
        synchronized (this) {
            waitUntil(owed::isEmpty);
            over = true;
            try {
                faults.carryOut(Fault.octets(((Fault.Say) Fault.reply(reply)).octets()));
                client.closeOutput();
            } catch (IOException e) {
                transcript.note("the client was gone: " + e.getMessage());
            }
        }
        cutRelay();
    }

    private void cutRelay() {
        Wire other = relay;
        if (other != null) {
            cut(other);
        }
    }

    void run() {
        try {
            begin();
            while (true) {
                byte[] line = client.readLine(Wire.LineEnd.LF);
                if (line.length == 0) {
                    break;
                }
                line(line);
            }
            clientEnded();
        } catch (FaultRunner.SessionOver e) {
            transcript.note("ended by a fault");
        } catch (IOException e) {
            transcript.note("ended: " + e.getMessage());
        } finally {
            abort();
            ended.countDown();
        }
    }

    /** A client that says nothing more may still want to hear what it is owed. */
    private synchronized void clientEnded() throws IOException {
        transcript.note("closed by the client");
        Wire other = relay;
        if (other != null) {
            other.closeOutput();
            waitUntil(() -> relayEnded);
        }
    }

    // the beginning

    private void begin() throws IOException {
        Optional<Fault> atConnect = script.next(FaultScript.moment(Stage.CONNECT));
        if (atConnect.isPresent()) {
            faults.carryOut(atConnect.get());
        }
        Optional<Fault> greeting = scripted(Stage.GREETING, List.of());
        if (greeting.isPresent() && !succeeds(greeting.get())) {
            faults.carryOut(greeting.get());
            faults.carryOut(Fault.close()); // there is no session to go on with
        }
        Wire other = connect();
        synchronized (this) {
            relay = other;
            owed.add(new Owed(Stage.GREETING, greeting.isPresent() ? Passage.SWALLOWED : Passage.ON));
        }
        RelayFront.thread("relay-" + index, () -> readRelay(other)).start();
        if (greeting.isPresent()) {
            awaitReplies();
            faults.carryOut(greeting.get());
        }
        if (client.octetComes() && client.peek() == TLS_HANDSHAKE) {
            passThrough(other);
        }
    }

    private Wire connect() throws IOException {
        Socket socket = new Socket();
        if (clientSocket.getInetAddress().isLoopbackAddress()) {
            socket.bind(new InetSocketAddress(clientSocket.getInetAddress(), 0)); // the relay counts by address
        }
        socket.setTcpNoDelay(true);
        try {
            socket.connect(relayAddress, 10_000);
        } catch (IOException e) {
            socket.close();
            throw new IOException("the relay at " + relayAddress + " cannot be reached: " + e.getMessage(), e);
        }
        return new Wire(socket);
    }

    private void passThrough(Wire other) throws IOException {
        synchronized (this) {
            if (greeted) {
                return; // it has read the greeting: what it says is merely odd
            }
            opaque = true;
            owed.clear();
        }
        transcript.note("TLS from the first octet: passed on unread");
        while (client.octetComes()) {
            other.write(client.takeBuffered());
        }
    }

    // what the relay says

    private void readRelay(Wire other) {
        try {
            ByteArrayOutputStream reply = new ByteArrayOutputStream();
            while (other.octetComes()) {
                if (opaque()) {
                    client.write(other.takeBuffered());
                    continue;
                }
                byte[] line = other.readLine(Wire.LineEnd.LF);
                reply.writeBytes(line);
                if (line.length < 4 || line[3] != '-') {
                    replied(other, line, reply.toByteArray());
                    reply.reset();
                }
            }
            transcript.note("closed by the relay");
            client.closeOutput();
        } catch (IOException e) {
            if (!over) {
                transcript.note("the relay's side ended: " + e.getMessage());
                resetClient();
            }
        } finally {
            synchronized (this) {
                relayEnded = true;
                notifyAll();
            }
        }
    }

    private synchronized boolean opaque() {
        return opaque;
    }

    private synchronized void replied(Wire other, byte[] lastLine, byte[] reply) throws IOException {
        int code = code(lastLine);
        @Nullable Owed now = owed.peek();
        if (now != null && now.stage == Stage.STARTTLS && code == 220) {
            transcript.server(reply);
            secure(other, reply);
        } else if (now == null || now.passage == Passage.ON) {
            new String(reply, StandardCharsets.ISO_8859_1)
                    .lines()
                    .forEach(line -> transcript.server((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1)));
            client.write(reply);
        }
        greeted = true;
        if (now != null) {
            owed.remove();
            acceptedRecipients += now.stage == Stage.RCPT && code / 100 == 2 ? 1 : 0;
        }
        lastCode = code;
        notifyAll();
    }

    private static int code(byte[] line) {
        String text = new String(line, StandardCharsets.ISO_8859_1);
        return text.matches("(?s)[2-5][0-9][0-9].*") ? Integer.parseInt(text.substring(0, 3)) : 0;
    }

    private void secure(Wire other, byte[] reply) throws IOException {
        try {
            other.secureAsClient(tls.client().get());
        } catch (IOException e) {
            throw new IOException(
                    "TLS towards the relay failed: " + e.getMessage()
                            + "; give the relay RelayEnvironment.serverTls(), or connect to directAddress()",
                    e);
        }
        client.write(reply);
        transcript.note("TLS handshake: " + client.secureAsServer(tls.server().get()));
        forgetEnvelope();
        user = "";
    }

    // what the client says

    private void line(byte[] line) throws IOException {
        transcript.client(line);
        String text = new String(Octets.withoutLineEnd(line), StandardCharsets.UTF_8);
        int space = text.indexOf(' ');
        String verb = (space < 0 ? text : text.substring(0, space)).toUpperCase(Locale.ROOT);
        String arguments = space < 0 ? "" : text.substring(space + 1);
        synchronized (this) {
            commands.add(Transcript.maskedCommand(text));
        }
        switch (verb) {
            case "EHLO", "HELO" -> {
                forgetEnvelope();
                pass(Stage.EHLO, line, List.of());
            }
            case "STARTTLS" -> {
                pass(Stage.STARTTLS, line, List.of());
                awaitReplies(); // the handshake, if it comes to one, is done when this returns
            }
            case "AUTH" -> auth(line, arguments);
            case "MAIL" -> {
                forgetEnvelope();
                path(Stage.MAIL, line, arguments);
            }
            case "RCPT" -> path(Stage.RCPT, line, arguments);
            case "DATA" -> data(line);
            case "BDAT" -> bdat(line, arguments);
            case "RSET" -> {
                forgetEnvelope();
                pass(Stage.RSET, line, List.of());
            }
            case "QUIT" -> pass(Stage.QUIT, line, List.of());
            default -> pass(Stage.OTHER, line, List.of());
        }
    }

    private void forgetEnvelope() {
        synchronized (this) {
            acceptedRecipients = 0;
        }
        envelope = new ArrayList<>();
    }

    private void path(Stage stage, byte[] line, String arguments) throws IOException {
        Matcher path = PATH.matcher(arguments);
        List<String> address = path.matches() ? List.of(path.group(1)) : List.of();
        if (pass(stage, line, address)) {
            envelope.addAll(address);
        }
    }

    /** Passes a command on, or does what is scripted; tells whether the command counts as done. */
    private boolean pass(Stage stage, byte[] line, List<String> addresses) throws IOException {
        Optional<Fault> fault = scripted(stage, addresses);
        if (fault.isEmpty()) {
            send(line, new Owed(stage, Passage.ON));
            return true;
        }
        boolean done = succeeds(fault.get()) && stage != Stage.QUIT; // the relay would close before it is said
        if (done) {
            send(line, new Owed(stage, Passage.SWALLOWED)); // success in other words: the relay must know
        }
        awaitReplies();
        faults.carryOut(fault.get());
        if (stage == Stage.QUIT) {
            faults.carryOut(Fault.close());
        }
        return done;
    }

    /** What is scripted for now; a delay is over when this returns. */
    private Optional<Fault> scripted(Stage stage, List<String> addresses) {
        return scripted(new FaultScript.Moment(stage, user, addresses));
    }

    private Optional<Fault> scripted(FaultScript.Moment moment) {
        return script.next(moment)
                .map(fault -> faults.afterDelay(fault, NOTHING))
                .filter(fault -> fault != NOTHING);
    }

    private static boolean succeeds(Fault fault) {
        char first = FaultRunner.firstOctet(fault);
        return first == '2' || first == '3';
    }

    private void send(byte[] octets, Owed reply) throws IOException {
        Wire other = relay;
        synchronized (this) {
            owed.add(reply);
        }
        if (other == null) {
            throw new EOFException("no relay");
        }
        other.write(octets);
    }

    /** Waits until the relay has answered everything; returns the last reply's code. */
    private synchronized int awaitReplies() throws IOException {
        waitUntil(owed::isEmpty);
        if (!owed.isEmpty()) {
            throw new EOFException("the relay has closed the connection");
        }
        return lastCode;
    }

    // logins: who it is shows in the middle of the exchange

    private void auth(byte[] line, String arguments) throws IOException {
        String[] words = arguments.strip().split(" ", 2);
        mechanism = words[0].toUpperCase(Locale.ROOT);
        boolean first = words.length < 2;
        String name = first ? "" : userIn(words[1], true);
        if (!passLogin(line, name)) {
            return;
        }
        while (awaitReplies() == 334) {
            byte[] answer = client.readLine(Wire.LineEnd.LF);
            if (answer.length == 0) {
                throw new EOFException("closed by the client");
            }
            transcript.client(answer);
            String given = userIn(new String(Octets.withoutLineEnd(answer), StandardCharsets.UTF_8), first);
            first = false;
            name = given.isEmpty() ? name : given;
            if (!passLogin(answer, name)) {
                send(Octets.of("*\r\n"), new Owed(Stage.AUTH, Passage.SWALLOWED)); // RFC 4954 section 4
                awaitReplies();
                return;
            }
        }
        user = awaitReplies() == 235 ? name : user;
    }

    private boolean passLogin(byte[] line, String name) throws IOException {
        Optional<Fault> fault = scripted(new FaultScript.Moment(Stage.AUTH, name, List.of()));
        if (fault.isEmpty()) {
            send(line, new Owed(Stage.AUTH, Passage.ON));
            return true;
        }
        awaitReplies();
        faults.carryOut(fault.get());
        return false;
    }

    /** The authentication identity of PLAIN (RFC 4616 section 2), or the first answer of LOGIN. */
    private String userIn(String base64, boolean first) {
        String text;
        try {
            text = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return ""; // the relay will say so
        }
        if (mechanism.equals("PLAIN")) {
            String[] parts = text.split("\0", -1);
            return parts.length == 3 ? parts[1] : "";
        }
        return mechanism.equals("LOGIN") && first ? text : "";
    }

    // content

    private void data(byte[] line) throws IOException {
        awaitReplies();
        Optional<Fault> inside = ready() ? scripted(Stage.CONTENT, envelope) : Optional.empty();
        Optional<Fault> atEnd = ready() && inside.isEmpty()
                ? script.next(new FaultScript.Moment(Stage.END_OF_DATA, user, envelope))
                : Optional.empty();
        if (inside.isPresent()
                || atEnd.isPresent() && !succeeds(atEnd.get()) && !(atEnd.get() instanceof Fault.Delay)) {
            refuseContent(inside, atEnd);
        } else if (pass(Stage.DATA, line, envelope) && awaitReplies() == 354) {
            content(relay);
            forgetEnvelope();
            Optional<Fault> instead =
                    atEnd.map(fault -> faults.afterDelay(fault, NOTHING)).filter(fault -> fault != NOTHING);
            Passage passage = instead.isPresent() ? Passage.SWALLOWED : Passage.ON;
            send(Octets.of(".\r\n"), new Owed(Stage.END_OF_DATA, passage));
            if (instead.isPresent()) {
                awaitReplies();
                faults.carryOut(instead.get());
            }
        }
    }

    private synchronized boolean ready() {
        return acceptedRecipients > 0;
    }

    /** The relay never hears of the content, so that nothing is delivered that was refused. */
    private void refuseContent(Optional<Fault> inside, Optional<Fault> atEnd) throws IOException {
        faults.carryOut(Fault.reply(StandardReply.CONTENT_START));
        if (inside.isPresent() && client.octetComes()) {
            faults.carryOut(inside.get());
        }
        content(null);
        dropTransaction();
        if (atEnd.isPresent()) {
            faults.carryOut(atEnd.get());
        }
    }

    /** Reads content up to the final dot, which is left out. */
    private void content(@Nullable Wire to) throws IOException {
        long size = 0;
        while (true) {
            byte[] line = client.readLine(Wire.LineEnd.CRLF);
            if (!Octets.endsWithCrLf(line)) {
                if (to != null) {
                    to.write(line);
                }
                throw new EOFException("closed by the client inside the content");
            }
            if (line.length == 3 && line[0] == '.') {
                transcript.note("client has sent " + size + " octets of content");
                return;
            }
            size += line.length;
            if (to != null) {
                to.write(line);
            }
        }
    }

    private void dropTransaction() throws IOException {
        forgetEnvelope();
        send(Octets.of("RSET\r\n"), new Owed(Stage.RSET, Passage.SWALLOWED));
        awaitReplies();
    }

    private void bdat(byte[] line, String arguments) throws IOException {
        Matcher chunk = BDAT.matcher(arguments.strip());
        if (!chunk.matches()) {
            pass(Stage.OTHER, line, List.of());
            return;
        }
        boolean last = chunk.group(2) != null;
        Stage stage = last ? Stage.END_OF_DATA : Stage.DATA;
        Optional<Fault> fault = scripted(stage, envelope);
        boolean passOn = fault.isEmpty() || succeeds(fault.get());
        if (passOn) {
            send(line, new Owed(stage, fault.isEmpty() ? Passage.ON : Passage.SWALLOWED));
        }
        chunk(Integer.parseInt(chunk.group(1)), passOn ? relay : null);
        if (last && passOn) {
            forgetEnvelope();
        } else if (last) {
            dropTransaction();
        }
        if (fault.isPresent()) {
            awaitReplies();
            faults.carryOut(fault.get());
        }
    }

    private void chunk(int size, @Nullable Wire to) throws IOException {
        transcript.note("client sends " + size + " octets of content");
        for (int left = size; left > 0; ) {
            byte[] block = client.readExactly(Math.min(left, BLOCK));
            left -= block.length;
            if (to != null) {
                to.write(block);
            }
        }
    }

    private synchronized void waitUntil(BooleanSupplier condition) {
        while (!condition.getAsBoolean() && !relayEnded && !over) {
            try {
                wait(1_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                over = true;
            }
        }
    }

    private void resetClient() {
        try {
            client.reset();
        } catch (IOException e) {
            transcript.note("reset: " + e.getMessage());
        }
    }

    private void cut(Wire wire) {
        try {
            wire.cut();
        } catch (IOException e) {
            transcript.note("cut: " + e.getMessage());
        }
    }
}
