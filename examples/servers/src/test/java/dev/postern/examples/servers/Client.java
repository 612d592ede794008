package dev.postern.examples.servers;

import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client of the relay that keeps its session, and begins another when it was ended. */
final class Client implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(50);
    private static final int MOST_ATTEMPTS = 5;

    private final int port;
    private final Ledger ledger;
    private @Nullable SmtpProbe session;

    Client(int port, Ledger ledger) {
        this.port = port;
        this.ledger = ledger;
    }

    /** Sends a message once; the last reply. */
    ProbeReply send(String subject, String message, String... recipients) {
        List<String> left = new ArrayList<>(List.of(recipients));
        return send(subject, message, left);
    }

    /** Sends a message as a mail server does: again after 4xx, and to those recipients that 452 has put off. */
    void sendPatiently(String subject, String message, List<String> recipients) {
        List<String> left = new ArrayList<>(recipients);
        for (int i = 0; i < MOST_ATTEMPTS && !left.isEmpty(); i++) {
            send(subject, message, left);
        }
    }

    /** Takes away the recipients that have got it. */
    private ProbeReply send(String subject, String message, List<String> left) {
        SmtpProbe probe = session();
        ProbeReply reply = probe.mail(Letter.FROM);
        List<String> accepted = new ArrayList<>();
        if (reply.code() == 250) {
            for (String recipient : left) {
                reply = probe.rcpt(recipient);
                if (reply.code() == 250) {
                    accepted.add(recipient);
                } else {
                    ledger.refuse(reply);
                }
            }
            if (!accepted.isEmpty()) {
                reply = probe.data(message.replace("\n", "\r\n"));
            }
        }
        if (reply.code() == 250) {
            ledger.promise(subject, accepted);
            left.removeAll(accepted);
        } else {
            ledger.refuse(reply);
        }
        if (reply.code() == 421) {
            close();
        }
        return reply;
    }

    private SmtpProbe session() {
        SmtpProbe open = session;
        if (open == null) {
            open = SmtpProbe.connect("127.0.0.1", port).timeout(PATIENCE);
            session = open;
            open.readReply();
            open.ehlo();
        }
        return open;
    }

    @Override
    public void close() {
        SmtpProbe open = session;
        session = null;
        if (open != null) {
            open.close();
        }
    }
}
