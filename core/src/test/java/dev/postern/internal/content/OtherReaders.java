package dev.postern.internal.content;

import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.apache.james.mime4j.dom.Body;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.apache.james.mime4j.stream.MimeConfig;

/** What other programs show of a message: the attachments, by their names. What they cannot read they do not show. */
final class OtherReaders {

    private static final int BEGINNING = 8 * 1024;
    private static final int MAX_DEPTH = 60;
    private static final Session SESSION = Session.getInstance(new Properties());

    private OtherReaders() {}

    /** An attachment as a program shows it. */
    record Shown(String reader, String name, String beginning) {

        static Shown of(String reader, String name, byte[] beginning) {
            return new Shown(reader, name, Fixture.text(beginning));
        }

        @Override
        public String toString() {
            return reader + " shows \"" + name + "\" with "
                    + HexFormat.of()
                            .formatHex(Fixture.octets(beginning.substring(0, Math.min(64, beginning.length()))));
        }
    }

    /** Jakarta Mail by Angus. */
    static List<Shown> angus(byte[] message) {
        List<Shown> shown = new ArrayList<>();
        try {
            angus(new MimeMessage(SESSION, new ByteArrayInputStream(message)), 0, shown);
        } catch (MessagingException e) {
            return shown;
        }
        return shown;
    }

    private static void angus(Part part, int depth, List<Shown> shown) {
        try {
            String name = part.getFileName();
            if (name != null) {
                try (InputStream content = part.getInputStream()) {
                    shown.add(Shown.of("Angus", name, content.readNBytes(BEGINNING)));
                }
            }
        } catch (MessagingException | IOException | RuntimeException e) {
            // not shown
        }
        try {
            Object content =
                    part.isMimeType("multipart/*") || part.isMimeType("message/rfc822") ? part.getContent() : "";
            if (content instanceof Multipart multipart && depth < MAX_DEPTH) {
                for (int i = 0; i < multipart.getCount(); i++) {
                    angus(multipart.getBodyPart(i), depth + 1, shown);
                }
            } else if (content instanceof Part inner && depth < MAX_DEPTH) {
                angus(inner, depth + 1, shown);
            }
        } catch (MessagingException | IOException | RuntimeException e) {
            // nor is what is in it
        }
    }

    /** Apache mime4j. */
    static List<Shown> mime4j(byte[] message) {
        List<Shown> shown = new ArrayList<>();
        DefaultMessageBuilder builder = new DefaultMessageBuilder();
        builder.setMimeEntityConfig(MimeConfig.PERMISSIVE);
        try {
            mime4j(builder.parseMessage(new ByteArrayInputStream(message)), 0, shown);
        } catch (IOException | RuntimeException e) {
            return shown;
        }
        return shown;
    }

    private static void mime4j(Entity entity, int depth, List<Shown> shown) {
        Body body = entity.getBody();
        if (body instanceof org.apache.james.mime4j.dom.Multipart multipart && depth < MAX_DEPTH) {
            multipart.getBodyParts().forEach(part -> mime4j(part, depth + 1, shown));
        } else if (body instanceof Message inner && depth < MAX_DEPTH) {
            mime4j(inner, depth + 1, shown);
        } else if (body instanceof SingleBody single) {
            try (InputStream content = single.getInputStream()) {
                String name = entity.getFilename();
                if (name != null) {
                    shown.add(Shown.of("mime4j", name, content.readNBytes(BEGINNING)));
                }
            } catch (IOException | RuntimeException e) {
                // not shown
            }
        }
    }

    /** Python's email, by both of its policies, in a process that reads one message after the other. */
    static final class Python implements AutoCloseable {

        private final Process process;
        private final OutputStream in;
        private final BufferedReader out;

        private Python(Process process) {
            this.process = process;
            in = process.getOutputStream();
            out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        }

        static Python start(String program, Path directory) throws IOException {
            Path script = directory.resolve("readers.py");
            try (InputStream source =
                    Objects.requireNonNull(OtherReaders.class.getResourceAsStream("readers.py"), "readers.py")) {
                Files.copy(source, script);
            }
            return new Python(new ProcessBuilder(program, script.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        }

        List<Shown> read(byte[] message) throws IOException {
            in.write((message.length + "\n").getBytes(StandardCharsets.US_ASCII));
            in.write(message);
            in.flush();
            List<Shown> shown = new ArrayList<>();
            for (String line = out.readLine(); ; line = out.readLine()) {
                if (line == null) {
                    throw new IOException("Python has ended");
                }
                if (line.isEmpty()) {
                    return shown;
                }
                int comma = line.indexOf(',');
                byte[] name = HexFormat.of().parseHex(line.substring(0, comma));
                shown.add(Shown.of(
                        "Python",
                        new String(name, StandardCharsets.UTF_8),
                        HexFormat.of().parseHex(line.substring(comma + 1))));
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
            process.destroy();
        }
    }
}
