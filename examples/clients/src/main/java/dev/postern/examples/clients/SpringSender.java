package dev.postern.examples.clients;

import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.springframework.mail.MailException;
import org.springframework.mail.MailSendException;
import org.springframework.mail.SimpleMailMessage;
import org.springframework.mail.javamail.JavaMailSenderImpl;

/** Spring's JavaMailSender, which is Jakarta Mail below; a connection for each call of {@code send}. */
public final class SpringSender implements Sender {

    private final JavaMailSenderImpl mailer = new JavaMailSenderImpl();

    public SpringSender(String host, int port, String user, String password) { // in Spring Boot: spring.mail.*
        mailer.setHost(host);
        mailer.setPort(port);
        mailer.setUsername(user);
        mailer.setPassword(password);
        Properties properties = mailer.getJavaMailProperties();
        properties.put("mail.smtp.auth", "true");
        properties.put("mail.smtp.starttls.enable", "true");
        properties.put("mail.smtp.starttls.required", "true");
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        properties.put("mail.smtp.connectiontimeout", "30000"); // without these three it waits for ever
        properties.put("mail.smtp.timeout", "300000");
        properties.put("mail.smtp.writetimeout", "300000");
    }

    @Override
    public void send(Mail mail) throws MailException {
        SimpleMailMessage message = new SimpleMailMessage();
        message.setFrom(mail.from());
        message.setTo(mail.to().toArray(String[]::new));
        message.setSubject(mail.subject());
        message.setText(mail.text());
        mailer.send(message);
    }

    // DOC spring
    /** A MailSendException has Jakarta Mail's exceptions, one a message; the others have it as their cause. */
    @Override
    public Optional<Refusal> refusal(Throwable failure) {
        Stream<Exception> ofMessages =
                failure instanceof MailSendException send ? Stream.of(send.getMessageExceptions()) : Stream.empty();
        return Stream.concat(ofMessages, Stream.ofNullable(failure.getCause()))
                .flatMap(one -> JakartaMailSender.refusalIn(one).stream())
                .findFirst();
    }
    // end

    @Override
    public void close() {} // nothing stays open
}
