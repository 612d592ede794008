package dev.postern.internal.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A small SMTP server that behaves well, but for what its script says. */
final class ScriptedUpstream implements AutoCloseable {

    /** Where something may go wrong; CONTENT is before the first octet of the content is read, END after the final dot. */
    enum Stage {
        GREETING,
        EHLO,
        HELO,
        STARTTLS,
        HANDSHAKE,
        AUTH,
        MAIL,
        RCPT,
        DATA,
        CONTENT,
        END,
        RSET,
        QUIT
    }

    /** Says what to do in place of the usual; empty for the usual. */
    interface Script {
        Optional<String> at(int connection, Stage stage, String line);
    }

    /** A message that was taken: its content as it came, one character an octet, dots stuffed, without the final dot. */
    record Message(List<String> envelope, String content) {}

    static final String CLOSE = "(close)";
    static final String RESET = "(reset)";
    static final String HANG = "(hang)";

    private final ServerSocket server;
    private final List<Message> messages = new CopyOnWriteArrayList<>();
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Integer> among = new ConcurrentHashMap<>();
    private final Semaphore ends = new Semaphore(0);
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile Script script = (connection, stage, line) -> Optional.empty();
    private volatile List<String> extensions = List.of("PIPELINING", "SIZE 100000000", "8BITMIME", "SMTPUTF8", "DSN");
    private volatile List<String> extensionsInTls = List.of("PIPELINING", "SIZE 100000000", "8BITMIME");
    private volatile @Nullable SSLContext tls;
    private volatile boolean implicitTls;
    private volatile boolean clientCertificates;
    private volatile @Nullable Principal client;
    private volatile boolean commandsWaiting;
    private volatile boolean careless;
    private volatile boolean deafBehindEnd;

    ScriptedUpstream() throws IOException {
        server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        start(this::accept);
    }

    ScriptedUpstream script(Script newScript) {
        script = newScript;
        return this;
    }

    /** Does something at a stage, on each connection. */
    ScriptedUpstream script(Stage where, String what) {
        return script((connection, stage, line) -> stage == where ? Optional.of(what) : Optional.empty());
    }

    /** Lets content come although there is nobody to get it. */
    ScriptedUpstream careless() {
        careless = true;
        return this;
    }

    /** Loses what comes right behind the end of the content (which RFC 2920 section 3.2 forbids). */
    ScriptedUpstream deafBehindEnd() {
        deafBehindEnd = true;
        return this;
    }

    ScriptedUpstream offers(String... keywords) {
        extensions = List.of(keywords);
        return this;
    }

    ScriptedUpstream offersInTls(String... keywords) {
        extensionsInTls = List.of(keywords);
        return this;
    }

    ScriptedUpstream tls(SSLContext context, boolean implicit) {
        tls = context;
        implicitTls = implicit;
        return this;
    }

    /** Takes no client without a certificate. */
    ScriptedUpstream demandsClientCertificates() {
        clientCertificates = true;
        return this;
    }

    /** Whose certificate the last client showed, null without one. */
    @Nullable
    Principal client() {
        return client;
    }

    int port() {
        return server.getLocalPort();
    }

    List<Message> messages() {
        return messages;
    }

    /** All command lines of all connections, in the order of their coming. */
    List<String> commands() {
        return commands;
    }

    /** Tells, inside a script, whether more has come behind the command that is being answered. */
    boolean commandsWaiting() {
        return commandsWaiting;
    }

    int connections() {
        return connections.get();
    }

    /** How many connections there were when one came, itself included. */
    int among(int connection) {
        return among.getOrDefault(connection, 0);
    }

    /** Ends all connections that are open, without a word. */
    void dropConnections() throws IOException {
        for (Socket socket : open) {
            socket.shutdownOutput();
            socket.close();
        }
    }

    /** Waits until so many connections have ended since the last call. */
    void awaitEnds(int count) throws InterruptedException {
        ends.acquire(count);
    }

    /** Waits until a connection hangs. */
    void awaitHanging() throws InterruptedException {
        hanging.await();
    }

    @Override
    public void close() throws IOException {
        stopped.countDown();
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "scripted-upstream");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                int number = connections.getAndIncrement();
                open.add(socket);
                among.put(number, open.size());
                start(() -> {
                    try (socket) {
                        new Dialogue(socket, number).run();
                    } catch (IOException e) {
                        return; // the client went away, or the script did
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } finally {
                        open.remove(socket);
                        ends.release();
                    }
                });
            }
        } catch (IOException e) {
            if (!server.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final class Dialogue {

        private final Socket plain;
        private final int number;
        private final List<String> envelope = new ArrayList<>();
        private InputStream in;
        private OutputStream out;
        private boolean encrypted;

        Dialogue(Socket plain, int number) throws IOException {
            this.plain = plain;
            this.number = number;
            this.in = new BufferedInputStream(plain.getInputStream());
            this.out = plain.getOutputStream();
        }

        void run() throws IOException, InterruptedException {
            if (implicitTls && !shakeHands() || !answer(Stage.GREETING, "", "220 scripted ESMTP\r\n")) {
                return;
            }
            String line = readLine();
            while (line != null) {
                commands.add(line);
                commandsWaiting = in.available() > 0;
                if (!command(line)) {
                    return;
                }
                line = readLine();
            }
        }

        private boolean command(String line) throws IOException, InterruptedException {
            String verb = line.split(" ", 2)[0].toUpperCase(Locale.ROOT);
            return switch (verb) {
                case "EHLO" -> answer(Stage.EHLO, line, ehlo());
                case "HELO" -> answer(Stage.HELO, line, "250 scripted\r\n");
                case "STARTTLS" -> {
                    String reply = script.at(number, Stage.STARTTLS, line).orElse("220 go ahead\r\n");
                    yield act(reply) && (!reply.startsWith("220") || shakeHands());
                }
                case "MAIL" -> {
                    envelope.clear();
                    yield answer(Stage.MAIL, line, "250 2.1.0 ok\r\n");
                }
                case "RCPT" ->
                    answer(Stage.RCPT, line, envelope.isEmpty() ? "503 5.5.1 MAIL first\r\n" : "250 2.1.5 ok\r\n");
                case "DATA" -> envelope.size() < 2 && !careless ? act("554 5.5.1 no valid recipients\r\n") : data(line);
                case "NOOP" -> act("250 2.0.0 ok\r\n");
                case "RSET" -> answer(Stage.RSET, line, "250 2.0.0 ok\r\n");
                case "QUIT" -> {
                    answer(Stage.QUIT, line, "221 2.0.0 bye\r\n");
                    yield false;
                }
                default -> answer(Stage.AUTH, line, "235 2.7.0 ok\r\n"); // and what follows AUTH
            };
        }

        private String ehlo() {
            StringBuilder reply = new StringBuilder("250");
            for (String keyword : encrypted ? extensionsInTls : extensions) {
                reply.append(reply.length() == 3 ? "-scripted\r\n250-" : "250-")
                        .append(keyword)
                        .append("\r\n");
            }
            return reply.length() == 3 ? "250 scripted\r\n" : reply + "250 HELP\r\n";
        }

        private boolean shakeHands() throws IOException, InterruptedException {
            Optional<String> act = script.at(number, Stage.HANDSHAKE, "");
            if (act.isPresent()) {
                return act(act.get());
            }
            SSLContext context = tls;
            if (context == null) {
                return false;
            }
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, plain.getPort(), true);
            socket.setUseClientMode(false);
            socket.setNeedClientAuth(clientCertificates);
            socket.startHandshake();
            client = clientCertificates ? socket.getSession().getPeerPrincipal() : null;
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
            encrypted = true;
            return true;
        }

        private boolean data(String line) throws IOException, InterruptedException {
            Optional<String> act = script.at(number, Stage.DATA, line);
            if (act.isPresent()) {
                return act(act.get());
            }
            send("354 go on\r\n");
            Optional<String> inside = insideContent();
            return inside.isPresent() ? act(inside.get()) : end(readContent());
        }

        /** What to do when content has begun to come, so that nobody takes it for something said before. */
        private Optional<String> insideContent() throws IOException {
            in.mark(1);
            if (in.read() < 0) {
                throw new IOException("lost before the content");
            }
            in.reset();
            return script.at(number, Stage.CONTENT, "");
        }

        private boolean end(String content) throws IOException, InterruptedException {
            if (deafBehindEnd) {
                loseCommand();
            }
            Optional<String> end = script.at(number, Stage.END, "");
            if (end.isEmpty() || end.get().startsWith("2")) {
                messages.add(new Message(List.copyOf(envelope), content));
            }
            return act(end.orElse("250 2.0.0 queued as " + messages.size() + "\r\n"));
        }

        private void loseCommand() throws IOException {
            plain.setSoTimeout(300);
            try {
                readLine();
            } catch (SocketTimeoutException e) {
                return; // none has come
            } finally {
                plain.setSoTimeout(0);
            }
        }

        private boolean answer(Stage stage, String line, String usual) throws IOException, InterruptedException {
            String reply = script.at(number, stage, line).orElse(usual);
            if (reply.startsWith("2") && (stage == Stage.MAIL || stage == Stage.RCPT)) {
                envelope.add(line);
            }
            return act(reply);
        }

        private boolean act(String act) throws IOException, InterruptedException {
            return switch (act) {
                case CLOSE -> {
                    plain.shutdownOutput(); // a FIN, and no reset by what is not read
                    plain.close();
                    yield false;
                }
                case RESET -> {
                    plain.setSoLinger(true, 0);
                    plain.close();
                    yield false;
                }
                case HANG -> {
                    hanging.countDown();
                    stopped.await();
                    yield false;
                }
                default -> {
                    if (act.endsWith(CLOSE)) {
                        send(act.substring(0, act.length() - CLOSE.length()));
                        plain.close();
                        yield false;
                    }
                    send(act);
                    yield !act.startsWith("421");
                }
            };
        }

        private void send(String octets) throws IOException {
            out.write(octets.getBytes(ISO_8859_1));
            out.flush();
        }

        private @Nullable String readLine() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            int octet = in.read();
            while (octet >= 0 && octet != '\n') {
                line.write(octet);
                octet = in.read();
            }
            return octet < 0 ? null : line.toString(UTF_8).stripTrailing();
        }

        private String readContent() throws IOException {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            while (true) {
                int octet = in.read();
                if (octet < 0) {
                    throw new IOException("lost in the content");
                }
                line.write(octet);
                if (octet == '\n') {
                    if (line.size() == 3 && line.toString(ISO_8859_1).equals(".\r\n")) {
                        return content.toString(ISO_8859_1);
                    }
                    line.writeTo(content);
                    line.reset();
                }
            }
        }
    }
}
