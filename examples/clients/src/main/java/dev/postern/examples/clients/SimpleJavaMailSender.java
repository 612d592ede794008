package dev.postern.examples.clients;

import java.util.Optional;
import org.simplejavamail.api.email.Email;
import org.simplejavamail.api.mailer.Mailer;
import org.simplejavamail.api.mailer.config.TransportStrategy;
import org.simplejavamail.email.EmailBuilder;
import org.simplejavamail.mailer.MailerBuilder;

/** Simple Java Mail, which is Jakarta Mail below; a connection for each message, unless its batch module is there. */
public final class SimpleJavaMailSender implements Sender {

    private final Mailer mailer;

    public SimpleJavaMailSender(String host, int port, String user, String password) {
        this.mailer = MailerBuilder.withSMTPServer(host, port, user, password)
                .withTransportStrategy(TransportStrategy.SMTP_TLS) // STARTTLS, required
                .withSessionTimeout(300_000)
                .buildMailer();
    }

    @Override
    public void send(Mail mail) {
        Email email = EmailBuilder.startingBlank()
                .from(mail.from())
                .toMultiple(mail.to())
                .withSubject(mail.subject())
                .withPlainText(mail.text())
                .buildEmail();
        mailer.sendMail(email).join();
    }

    // DOC simplejavamail
    /** The cause of its exception is Jakarta Mail's. */
    @Override
    public Optional<Refusal> refusal(Throwable failure) {
        return JakartaMailSender.refusalIn(failure.getCause());
    }
    // end

    @Override
    public void close() {} // nothing stays open
}
