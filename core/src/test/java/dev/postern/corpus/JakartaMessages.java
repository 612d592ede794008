package dev.postern.corpus;

import jakarta.activation.DataHandler;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.util.ByteArrayDataSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.stream.Stream;

/** Messages by Jakarta Mail (Angus), made when the test runs. */
final class JakartaMessages {

    private static final Session SESSION = Session.getInstance(new Properties());
    private static final byte[] PDF =
            "%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n1 0 obj\n<<>>\nendobj\n%%EOF\n".getBytes(StandardCharsets.ISO_8859_1);

    private JakartaMessages() {}

    /** A message, and what it is; each octet as a character. */
    record Made(String name, String message) {
        byte[] octets() {
            return message.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Fills a message. */
    private interface Content {
        void into(MimeMessage message) throws MessagingException, IOException;
    }

    static Stream<Made> all() {
        return Stream.of(
                made("plain", message -> message.setText("Hello.\r\n.\r\n..\r\nFrom me")),
                made("utf-8", message -> message.setText("Gr\u00fc\u00dfe \u65e5\u672c\u8a9e\r\n".repeat(50), "utf-8")),
                made("latin-1", message -> message.setText("Gr\u00fc\u00dfe = 1\r\n", "iso-8859-1")),
                made("html", message -> message.setContent("<p>x</p>", "text/html; charset=utf-8")),
                made("long lines", message -> message.setText("word ".repeat(2000))),
                made("empty", message -> message.setText("")),
                made("alternative", message -> message.setContent(alternative())),
                made("attachments", message -> {
                    MimeMultipart mixed = new MimeMultipart();
                    MimeBodyPart text = new MimeBodyPart();
                    text.setContent(alternative());
                    mixed.addBodyPart(text);
                    for (String name : new String[] {
                        "paper.pdf",
                        "\u00dcberweisung.pdf",
                        "\u898b\u7a4d\u66f8 2026.pdf",
                        "n".repeat(200) + ".pdf",
                        "it's \"quoted\"; (1).pdf"
                    }) {
                        MimeBodyPart part = new MimeBodyPart();
                        part.setDataHandler(new DataHandler(new ByteArrayDataSource(PDF, "application/pdf")));
                        part.setFileName(name);
                        part.setDisposition(Part.ATTACHMENT);
                        mixed.addBodyPart(part);
                    }
                    message.setContent(mixed);
                }),
                made("forward", message -> {
                    MimeMessage original = new MimeMessage(SESSION);
                    original.setFrom("x@y.test");
                    original.setContent(alternative());
                    original.saveChanges();
                    MimeBodyPart part = new MimeBodyPart();
                    part.setContent(original, "message/rfc822");
                    message.setContent(new MimeMultipart(part));
                }));
    }

    private static MimeMultipart alternative() throws MessagingException {
        MimeBodyPart text = new MimeBodyPart();
        text.setText("Gr\u00fc\u00dfe\r\n", "utf-8");
        MimeBodyPart html = new MimeBodyPart();
        html.setContent("<p>Gr\u00fc\u00dfe</p>", "text/html; charset=utf-8");
        return new MimeMultipart("alternative", text, html);
    }

    private static Made made(String name, Content content) {
        try {
            MimeMessage message = new MimeMessage(SESSION);
            message.setFrom(new InternetAddress("alice@client.test", "\u00c4lice Adams", "utf-8"));
            message.setRecipients(Message.RecipientType.TO, "Bob <bob@dest.test>, carol@dest.test");
            message.setSubject("Gr\u00f6\u00dfe: " + "ein langer Betreff ".repeat(10), "utf-8");
            content.into(message);
            message.saveChanges();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            message.writeTo(out);
            String made = out.toString(StandardCharsets.ISO_8859_1);
            // as its transport does it, for DATA can carry only lines
            return new Made(name, made.endsWith("\r\n") ? made : made + "\r\n");
        } catch (MessagingException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
