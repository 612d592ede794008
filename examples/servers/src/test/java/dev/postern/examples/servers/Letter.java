package dev.postern.examples.servers;

import dev.postern.testkit.upstream.ReceivedMessage;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The messages of the tests, told apart by their subjects. */
final class Letter {

    static final String FROM = "ann@example.org";

    private static final Pattern SUBJECT = Pattern.compile("^Subject: (.*?)\r?$", Pattern.MULTILINE);

    private Letter() {}

    static String plain(String subject) {
        return head(subject) + "\nThank you.\n";
    }

    static String large(String subject, int octets) {
        String line = "Thank you very much for your order, which we have received today.\n";
        return head(subject) + "\n" + line.repeat(octets / line.length() + 1);
    }

    /** A program for Windows that is called a document. */
    static String disguised(String subject) {
        byte[] program = ("MZ\u0090\0\3\0\0\0\4\0\0\0" + "\0".repeat(200)).getBytes(StandardCharsets.ISO_8859_1);
        return head(subject) + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=part\n\n"
                + "--part\nContent-Type: text/plain\n\nPlease pay.\n"
                + "--part\nContent-Type: application/pdf; name=invoice.pdf\nContent-Transfer-Encoding: base64\n"
                + "Content-Disposition: attachment; filename=invoice.pdf\n\n"
                + Base64.getMimeEncoder(76, new byte[] {'\n'}).encodeToString(program) + "\n--part--\n";
    }

    private static String head(String subject) {
        return "From: Ann <" + FROM + ">\nTo: undisclosed-recipients:;\nSubject: " + subject + "\n";
    }

    /** The subject, by which a message is known. */
    static String subject(ReceivedMessage message) {
        Matcher subject = SUBJECT.matcher(message.contentText());
        return subject.find() ? subject.group(1) : "";
    }
}
