package dev.postern.examples.clients;

import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.util.Properties;
import org.springframework.mail.SimpleMailMessage;
import org.springframework.mail.javamail.JavaMailSenderImpl;

/** A first message to the quickstart, on this machine and in clear; the senders are for more than that. */
public final class FirstMessage {

    private FirstMessage() {}

    // DOC jakarta
    public static void byJakartaMail(int port) throws MessagingException {
        Properties properties = new Properties();
        properties.put("mail.smtp.host", "127.0.0.1");
        properties.put("mail.smtp.port", String.valueOf(port));
        properties.put("mail.smtp.auth", "true");
        MimeMessage message = new MimeMessage(Session.getInstance(properties));
        message.setFrom(new InternetAddress("demo@example.org"));
        message.setRecipient(Message.RecipientType.TO, new InternetAddress("someone@example.com"));
        message.setSubject("Hello");
        message.setText("My first message.");
        Transport.send(message, "demo@example.org", "demo");
    }
    // end

    // DOC spring
    public static void bySpring(int port) { // in Spring Boot: spring.mail.host, port, username and password
        JavaMailSenderImpl sender = new JavaMailSenderImpl();
        sender.setHost("127.0.0.1");
        sender.setPort(port);
        sender.setUsername("demo@example.org");
        sender.setPassword("demo");
        sender.getJavaMailProperties().put("mail.smtp.auth", "true");
        SimpleMailMessage message = new SimpleMailMessage();
        message.setFrom("demo@example.org");
        message.setTo("someone@example.com");
        message.setSubject("Hello");
        message.setText("My first message.");
        sender.send(message);
    }
    // end
}
