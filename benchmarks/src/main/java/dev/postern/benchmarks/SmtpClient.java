package dev.postern.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client that groups its commands (RFC 2920). Connects when there is something to send. For one thread. */
final class SmtpClient implements Closeable {

    private static final int TIMEOUT_MILLIS = 120_000;

    private final Load load;
    private final byte[] content;
    private @Nullable Wire wire;
    private int sent;

    SmtpClient(Load load, byte[] content) {
        this.load = load;
        this.content = content;
    }

    /**
     * Sends one message. A connection on which something was refused is not used again.
     *
     * @return the reply to its content, or the first refusal on the way to it
     * @throws IOException when there was no reply
     */
    Answer send(int number) throws IOException {
        try {
            Answer answer = trySend(number);
            if (!answer.accepted()) {
                close();
            } else if (++sent == load.perSession()) {
                quit();
            }
            return answer;
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private Answer trySend(int number) throws IOException {
        Wire open = wire;
        if (open == null) {
            sent = 0;
            open = connect();
            wire = open;
            Answer ready = greet(open);
            if (!ready.positive()) {
                return ready;
            }
        }
        return transact(open, load.recipients(number));
    }

    private Wire connect() throws IOException {
        Socket socket = new Socket(
                InetAddress.getByAddress(new byte[] {127, 0, 0, 1}),
                load.target().port());
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return new Wire(socket);
    }

    private Answer greet(Wire open) throws IOException {
        TlsMode mode = load.target().mode();
        if (mode == TlsMode.IMPLICIT) {
            startTls(open);
        }
        Answer answer = Answer.read(open);
        if (answer.positive()) {
            answer = exchange(open, "EHLO client.example");
        }
        if (answer.positive() && mode == TlsMode.STARTTLS) {
            answer = exchange(open, "STARTTLS");
            if (answer.positive()) {
                startTls(open);
                answer = exchange(open, "EHLO client.example");
            }
        }
        if (answer.positive() && !load.target().secret().isEmpty()) {
            String plain = "\0" + load.target().user() + "\0" + load.target().secret();
            answer = exchange(
                    open, "AUTH PLAIN " + Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8)));
        }
        return answer;
    }

    /** Under a name of its own, for which no TLS session is known: each connection pays for a whole handshake. */
    private void startTls(Wire open) throws IOException {
        open.startTls(load.target().context(), true, "h" + System.nanoTime() + ".example");
    }

    private Answer transact(Wire open, List<String> recipients) throws IOException {
        open.write("MAIL FROM:<" + load.target().user() + ">\r\n");
        for (String recipient : recipients) {
            open.write("RCPT TO:<" + recipient + ">\r\n");
        }
        if (load.bdat()) {
            open.write("BDAT " + content.length + " LAST\r\n");
            open.write(content);
        } else {
            open.write("DATA\r\n");
        }
        open.flush();
        for (int i = 0; i < 1 + recipients.size(); i++) {
            Answer answer = Answer.read(open);
            if (!answer.positive()) {
                return answer;
            }
        }
        Answer last = Answer.read(open);
        if (load.bdat() || last.code() != 354) {
            return last;
        }
        open.write(content);
        open.write(".\r\n");
        open.flush();
        return Answer.read(open);
    }

    private static Answer exchange(Wire open, String command) throws IOException {
        open.write(command + "\r\n");
        open.flush();
        return Answer.read(open);
    }

    private void quit() throws IOException {
        Wire open = wire;
        if (open != null) {
            exchange(open, "QUIT");
        }
        close();
    }

    @Override
    public void close() throws IOException {
        Wire open = wire;
        wire = null;
        if (open != null) {
            open.close();
        }
    }
}
