package dev.postern.robustness;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * An upstream whose replies slip: by chance it says one too many or leaves one out, at any place and in any code, late,
 * in pieces or in one segment with the next. It keeps a ledger of what it really said to the end of each content.
 *
 * <p>Between its 354 and its reply to what follows the end of the content it does one such thing at most: with two, a reply
 * left out and another one made up, nobody could know.
 */
final class SlippingUpstream implements AutoCloseable {

    /** How the way to it is protected. */
    enum Protection {
        NONE,
        STARTTLS,
        IMPLICIT
    }

    /**
     * What one of them is like.
     *
     * @param extensions offered in reply to EHLO
     * @param protection TLS or not
     * @param slips of a thousand replies, so many come with one too many, or not at all
     */
    record Nature(List<String> extensions, Protection protection, int slips) {}

    /** What a message's content has behind this is its name in the ledger. */
    static final String TOKEN = "X-Token: ";

    private static final String[] MADE_UP = {
        "250 2.0.0 queued as made up\r\n",
        "250 2.0.0 ok\r\n",
        "250 2.1.5 ok\r\n",
        "250-2.0.0 two\r\n250 2.0.0 lines\r\n",
        "354 go on\r\n",
        "550 5.7.1 no\r\n",
        "451 4.3.0 later\r\n",
        "220 hello again\r\n",
        "235 2.7.0 welcome again\r\n",
        "what\r\n"
    };
    private static final String[] END_REFUSALS = {
        "550 5.7.1 no\r\n", "552 5.3.4 too large\r\n", "451 4.3.0 later\r\n", "554-5.6.0 a\r\n554 5.6.0 b\r\n"
    };

    private final ServerSocket server = new ServerSocket();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Map<String, Boolean> ledger = new ConcurrentHashMap<>();
    private final SSLContext tls;
    private final Nature nature;
    private final SplittableRandom random;

    SlippingUpstream(Nature nature, SSLContext tls, SplittableRandom random) throws IOException {
        this.nature = nature;
        this.tls = tls;
        this.random = random;
        server.bind(new InetSocketAddress(InetAddress.getByName("localhost"), 0));
        start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Tells whether it answered a content's end with 2xx. */
    boolean accepted(String token) {
        return ledger.getOrDefault(token, false);
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "slipping-upstream");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                SplittableRandom its = random.split();
                open.add(socket);
                start(() -> {
                    try (socket) {
                        socket.setTcpNoDelay(true);
                        new Dialogue(socket, its).run();
                    } catch (IOException e) {
                        return; // the relay has closed it, or it has had enough
                    } finally {
                        open.remove(socket);
                    }
                });
            }
        } catch (IOException e) {
            if (!server.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** One connection. */
    private final class Dialogue {

        private final Socket plain;
        private final SplittableRandom random;
        private final StringBuilder held = new StringBuilder(); // goes out with what is said next
        private InputStream in;
        private OutputStream out;
        private boolean encrypted;
        private boolean transaction;
        private int recipients;
        private boolean window; // between 354 and the reply to what follows the end
        private boolean slipped; // in the window

        Dialogue(Socket plain, SplittableRandom random) throws IOException {
            this.plain = plain;
            this.random = random;
            this.in = new BufferedInputStream(plain.getInputStream());
            this.out = plain.getOutputStream();
        }

        void run() throws IOException {
            if (nature.protection == Protection.IMPLICIT) {
                shakeHands();
            }
            say("220 slipping.test ESMTP\r\n");
            String line = readLine();
            while (command(line)) {
                line = readLine();
            }
        }

        private boolean command(String line) throws IOException {
            String[] words = line.split(" ", 3);
            switch (words[0].toUpperCase(Locale.ROOT)) {
                case "EHLO" -> say(capabilities());
                case "STARTTLS" -> {
                    write("220 2.0.0 go ahead\r\n");
                    shakeHands();
                }
                case "MAIL" -> {
                    window = false;
                    recipients = 0;
                    transaction = isLikely(970);
                    say(transaction ? "250 2.1.0 ok\r\n" : refusal());
                }
                case "RCPT" -> {
                    boolean taken = transaction && isLikely(960);
                    recipients += taken ? 1 : 0;
                    say(taken ? "250 2.1.5 ok\r\n" : refusal());
                }
                case "DATA" -> data();
                case "BDAT" -> chunk(Integer.parseInt(words[1]));
                case "RSET" -> {
                    transaction = false;
                    say("250 2.0.0 reset\r\n");
                    window = false;
                }
                case "NOOP" -> say("250 2.0.0 ok\r\n");
                case "QUIT" -> {
                    write("221 2.0.0 bye\r\n");
                    return false;
                }
                default -> say("500 5.5.2 what?\r\n");
            }
            return true;
        }

        private String capabilities() {
            List<String> offers = new ArrayList<>(nature.extensions);
            if (nature.protection == Protection.STARTTLS && !encrypted) {
                offers.add("STARTTLS");
            }
            StringBuilder reply = new StringBuilder("250-slipping.test\r\n");
            offers.forEach(offer -> reply.append("250-").append(offer).append("\r\n"));
            return reply + "250 8BITMIME\r\n";
        }

        private String refusal() {
            return random.nextBoolean() ? "550 5.1.1 no\r\n" : "450 4.2.0 later\r\n";
        }

        private void data() throws IOException {
            if (!transaction || recipients == 0 || !isLikely(980)) {
                say("554 5.5.1 not now\r\n");
                return;
            }
            openWindow();
            if (!say("354 go on\r\n")) {
                window = false; // so there comes no content
                return;
            }
            slipInside();
            String token = "";
            for (String line = readLine(); !line.equals("."); line = readLine()) {
                if (line.startsWith(TOKEN)) {
                    token = line.substring(TOKEN.length());
                    slipInside();
                }
            }
            end(token);
        }

        /** RFC 3030, for a relay that would use it. */
        private void chunk(int size) throws IOException {
            String content = new String(in.readNBytes(size), ISO_8859_1);
            openWindow();
            int token = content.indexOf(TOKEN) + TOKEN.length();
            if (!transaction || recipients == 0) {
                say("503 5.5.1 no\r\n");
            } else {
                end(content.substring(token, content.indexOf("\r\n", token)));
            }
            window = false;
        }

        private void end(String token) throws IOException {
            transaction = false;
            if (isLikely(600)) {
                ledger.put(token, true);
                if (!say("250 2.0.0 queued\r\n")) {
                    ledger.put(token, false);
                }
            } else if (isLikely(100)) {
                write("421 4.3.2 enough\r\n");
                throw new EOFException("away");
            } else {
                say(END_REFUSALS[random.nextInt(END_REFUSALS.length)]);
            }
        }

        private void openWindow() {
            window = true;
            slipped = false;
        }

        /** Speaks before the end of the content is there. */
        private void slipInside() throws IOException {
            if (maySlip()) {
                pause();
                write(madeUp());
            }
        }

        /** Says a reply, mostly; returns false when it is left out. */
        private boolean say(String reply) throws IOException {
            if (!maySlip()) {
                hold(reply);
                return true;
            }
            switch (random.nextInt(4)) {
                case 0 -> {
                    return false; // one too few
                }
                case 1 -> hold(madeUp() + reply); // in one segment
                case 2 -> { // in a segment of its own, a moment later
                    hold(reply);
                    pause();
                    write(madeUp());
                }
                default -> { // with the next one
                    hold(reply);
                    held.append(madeUp());
                }
            }
            return true;
        }

        private boolean maySlip() {
            boolean slips = !(window && slipped) && random.nextInt(1000) < nature.slips;
            slipped |= slips;
            return slips;
        }

        private String madeUp() {
            return MADE_UP[random.nextInt(MADE_UP.length)];
        }

        /** At once, late, in pieces, or, when more commands are there, with the reply to the next one. */
        private void hold(String reply) throws IOException {
            String all = held + reply;
            held.setLength(0);
            switch (random.nextInt(12)) {
                case 0 -> {
                    int half = random.nextInt(all.length());
                    out.write(all.substring(0, half).getBytes(ISO_8859_1));
                    out.flush();
                    pause();
                    out.write(all.substring(half).getBytes(ISO_8859_1));
                    out.flush();
                }
                case 1 -> {
                    pause();
                    write(all);
                }
                case 2, 3 -> {
                    if (in.available() > 0) {
                        held.append(all);
                    } else {
                        write(all);
                    }
                }
                default -> write(all);
            }
        }

        private void write(String octets) throws IOException {
            String all = held + octets;
            held.setLength(0);
            out.write(all.getBytes(ISO_8859_1));
            out.flush();
        }

        private void pause() {
            LockSupport.parkNanos(random.nextLong(Duration.ofMillis(3).toNanos()));
        }

        private boolean isLikely(int ofThousand) {
            return random.nextInt(1000) < ofThousand;
        }

        private void shakeHands() throws IOException {
            SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(plain, null, plain.getPort(), true);
            socket.setUseClientMode(false);
            socket.startHandshake();
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
            encrypted = true;
        }

        private String readLine() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            int octet = in.read();
            while (octet >= 0 && octet != '\n') {
                line.write(octet);
                octet = in.read();
            }
            if (octet < 0) {
                throw new EOFException();
            }
            return line.toString(ISO_8859_1).stripTrailing();
        }
    }
}
