package dev.postern.examples.clients;

import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.NoSuchProviderException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Jakarta Mail (Angus), with a connection that is kept for the next message. */
public final class JakartaMailSender implements Sender {

    private final Session session;
    private final Transport transport;
    private final String user;
    private final String password;

    public JakartaMailSender(String host, int port, String user, String password) throws NoSuchProviderException {
        Properties properties = new Properties();
        properties.put("mail.smtp.host", host);
        properties.put("mail.smtp.port", String.valueOf(port));
        properties.put("mail.smtp.auth", "true");
        properties.put("mail.smtp.starttls.enable", "true");
        properties.put("mail.smtp.starttls.required", "true");
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        properties.put("mail.smtp.connectiontimeout", "30000"); // without these three it waits for ever
        properties.put("mail.smtp.timeout", "300000");
        properties.put("mail.smtp.writetimeout", "300000");
        this.session = Session.getInstance(properties);
        this.transport = session.getTransport("smtp");
        this.user = user;
        this.password = password;
    }

    @Override
    public void send(Mail mail) throws MessagingException {
        if (!transport.isConnected()) { // asks with NOOP, and so learns that the relay has hung up
            transport.connect(user, password);
        }
        MimeMessage message = new MimeMessage(session);
        message.setFrom(mail.from());
        for (String recipient : mail.to()) {
            message.addRecipient(RecipientType.TO, new InternetAddress(recipient));
        }
        message.setSubject(mail.subject());
        message.setText(mail.text());
        message.saveChanges();
        transport.sendMessage(message, message.getAllRecipients());
    }

    @Override
    public Optional<Refusal> refusal(Throwable failure) {
        return refusalIn(failure);
    }

    // DOC jakarta
    /** The text of an exception is the reply; where recipients were refused, that of the next exception. */
    static Optional<Refusal> refusalIn(@Nullable Throwable failure) {
        if (!(failure instanceof MessagingException one)) {
            return Optional.empty();
        }
        return Refusal.in(one.getMessage()).or(() -> refusalIn(one.getNextException()));
    }
    // end

    @Override
    public void close() {
        try {
            transport.close();
        } catch (MessagingException e) {
            throw new IllegalStateException("QUIT failed", e);
        }
    }
}
