package dev.postern.console;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;
import org.apache.james.mime4j.stream.BodyDescriptor;
import org.apache.james.mime4j.stream.EntityState;
import org.apache.james.mime4j.stream.Field;
import org.apache.james.mime4j.stream.MimeConfig;
import org.apache.james.mime4j.stream.MimeTokenStream;
import org.apache.james.mime4j.stream.NameValuePair;
import org.apache.james.mime4j.stream.RawField;
import org.apache.james.mime4j.stream.RawFieldParser;
import org.apache.james.mime4j.stream.RecursionMode;
import org.apache.james.mime4j.util.ContentUtil;
import org.apache.james.mime4j.util.MimeParameterMapping;
import org.jspecify.annotations.Nullable;

/**
 * Takes a message apart, whoever wrote it: one pass over its octets, and everything that is kept of it has a bound. What it cannot
 * read ends the reading, and is said. For one thread.
 */
final class MailReader {

    /** Octets of a text, decoded, that are shown; also of the source. */
    static final int MAX_TEXT = 1 << 20;

    /** Octets of HTML that is shown: what is nested takes the time of the square of it. */
    private static final int MAX_HTML = 1 << 19;

    /** Octets of all pictures that HTML may name. */
    private static final int MAX_PICTURES = 8 << 20;

    private static final int MAX_EXCERPT = 2000;
    private static final int MAX_SEARCHED = 1 << 16;
    private static final int MAX_VALUE = 4000;
    private static final int MAX_LISTED_VALUE = 300;
    private static final int MAX_PARAMETERS = 16_000;
    private static final int MAX_FIELDS = 1000;
    private static final int MAX_LISTED = 500;
    private static final int MAX_PARTS = 20_000;
    private static final int MAX_DEPTH = 30;
    private static final int MAX_NAME = 200;
    private static final String TEXT = "text/plain";
    private static final String HTML = "text/html";

    private static final MimeConfig CONFIG = MimeConfig.custom()
            .setMaxHeaderLen(1 << 20)
            .setMaxHeaderCount(10_000)
            .setMaxLineLen(-1)
            .setMaxContentLen(-1)
            .setMalformedHeaderStartsBody(true)
            .build();

    private final MimeTokenStream tokens = new MimeTokenStream(CONFIG, DecodeMonitor.SILENT, null);
    private final List<HeaderField> fields = new ArrayList<>();
    private final List<Attachment> attachments = new ArrayList<>();
    private @Nullable String text;
    private @Nullable String html;
    private final Map<String, Picture> pictures = new HashMap<>();
    private int room; // octets of pictures that may still be kept
    private boolean isCut;
    private boolean isEnded;
    private int parts;
    private int attached;
    private int depth;
    private String disposition = "";
    private String name = "";
    private String contentId = "";

    /** A field of the header section, decoded and unfolded. */
    record HeaderField(String name, String value) {}

    /** A part that is no text of the message; its number is by the order in the message. */
    record Attachment(int number, String name, String type, long size) {}

    /** What a list shows. */
    record Summary(String subject, String from, String to, String excerpt, int attachments) {}

    /**
     * A message.
     *
     * @param attached how many attachments there are, though fewer may be listed
     * @param isCut whether something of it is not shown, for it is too much or cannot be read
     */
    record Mail(
            List<HeaderField> fields,
            Optional<String> text,
            Optional<String> html,
            List<Attachment> attachments,
            int attached,
            boolean isCut) {}

    /** HTML, and the pictures of the message that it may show, by their Content-ID. */
    record Html(String html, Map<String, Picture> pictures) {}

    private MailReader() {
        tokens.setRecursionMode(RecursionMode.M_NO_RECURSE); // a message within is an attachment
    }

    static Mail read(byte[] content) {
        MailReader reader = new MailReader();
        reader.run(content, -1);
        return new Mail(
                List.copyOf(reader.fields),
                Optional.ofNullable(reader.text),
                Optional.ofNullable(reader.html),
                List.copyOf(reader.attachments),
                reader.attached,
                reader.isCut);
    }

    /** The message's HTML; empty when there is none. */
    static Optional<Html> html(byte[] content) {
        MailReader reader = new MailReader();
        reader.room = MAX_PICTURES;
        reader.run(content, -1);
        return Optional.ofNullable(reader.html).map(html -> new Html(html, Map.copyOf(reader.pictures)));
    }

    static Summary summary(byte[] content) {
        Mail mail = read(content);
        String text = mail.text
                .or(() -> mail.html.map(html -> MailHtml.text(cut(html, MAX_SEARCHED))))
                .orElse("");
        return new Summary(
                listed(mail, "subject"),
                listed(mail, "from"),
                listed(mail, "to"),
                cut(text, MAX_EXCERPT),
                mail.attached);
    }

    private static String listed(Mail mail, String name) {
        String value = mail.fields.stream()
                .filter(field -> field.name.equalsIgnoreCase(name))
                .map(HeaderField::value)
                .findFirst()
                .orElse("");
        return cut(value, MAX_LISTED_VALUE);
    }

    /** An attachment's octets, decoded; empty when there is no such one. */
    static Optional<byte[]> attachment(byte[] content, int number) {
        return Optional.ofNullable(new MailReader().run(content, number));
    }

    /** Reads to the end, or to the octets of the part that is wanted. */
    private byte @Nullable [] run(byte[] content, int wanted) {
        try {
            tokens.parse(new ByteArrayInputStream(content));
            for (EntityState state = tokens.getState();
                    state != EntityState.T_END_OF_STREAM && !isEnded;
                    state = tokens.next()) {
                if (state == EntityState.T_BODY && isWanted(wanted)) {
                    return tokens.getDecodedInputStream().readAllBytes();
                }
                take(state);
            }
        } catch (IOException | MimeException | RuntimeException e) {
            isCut = true; // also what the library does not expect: nothing in a message is a fault of ours
        }
        return null;
    }

    private boolean isWanted(int wanted) {
        return wanted >= 0 && parts == wanted;
    }

    private void take(EntityState state) throws IOException {
        switch (state) {
            case T_START_HEADER -> {
                disposition = "";
                name = "";
                contentId = "";
            }
            case T_FIELD -> field(tokens.getField());
            case T_START_MULTIPART -> {
                depth++;
                endIf(depth > MAX_DEPTH);
            }
            case T_END_MULTIPART -> depth--;
            case T_BODY -> body(tokens.getBodyDescriptor());
            default -> {}
        }
    }

    private void endIf(boolean isTooMuch) {
        isCut |= isTooMuch;
        isEnded |= isTooMuch;
    }

    private void field(Field field) {
        String lower = field.getName().toLowerCase(Locale.ROOT);
        if (lower.equals("content-disposition") || lower.equals("content-type")) {
            parameters(field, lower);
        } else if (lower.equals("content-id")) {
            contentId = cut(unfolded(field), MAX_NAME).replaceAll("^<|>$", ""); // RFC 2045 section 7
        }
        if (parts == 0 && depth == 0 && fields.size() < MAX_FIELDS) {
            fields.add(new HeaderField(printable(field.getName(), MAX_NAME), printable(decoded(field), MAX_VALUE)));
        }
    }

    private void parameters(Field field, String lower) {
        var body = RawFieldParser.DEFAULT.parseRawBody(new RawField(lower, cut(unfolded(field), MAX_PARAMETERS)));
        MimeParameterMapping all = new MimeParameterMapping(); // RFC 2231
        for (NameValuePair pair : body.getParams()) {
            if (pair.getValue() != null) {
                all.addParameter(pair.getName(), pair.getValue());
            }
        }
        boolean isDisposition = lower.equals("content-disposition");
        String named = all.get(isDisposition ? "filename" : "name");
        if (isDisposition) {
            disposition = String.valueOf(body.getValue()).toLowerCase(Locale.ROOT);
        }
        if (named != null && (isDisposition || name.isEmpty())) {
            name = printable(words(named), MAX_NAME);
        }
    }

    private void body(BodyDescriptor descriptor) throws IOException {
        int number = parts++;
        endIf(parts > MAX_PARTS);
        String type = descriptor.getMimeType();
        boolean isAttached = disposition.equals("attachment") || !name.isEmpty();
        if (!isAttached && type.equals(TEXT) && text == null) {
            text = text(descriptor, MAX_TEXT);
        } else if (!isAttached && type.equals(HTML) && html == null) {
            html = text(descriptor, MAX_HTML);
        } else {
            attached++;
            if (attachments.size() < MAX_LISTED) {
                attachments.add(new Attachment(number, name, printable(type, MAX_NAME), decode()));
            }
        }
    }

    /** Octets of a part, which is kept where it is a picture that HTML may name (RFC 2392), and there is room. */
    private long decode() throws IOException {
        InputStream decoded = tokens.getDecodedInputStream();
        byte[] kept = decoded.readNBytes(contentId.isEmpty() ? 0 : room);
        long rest = decoded.transferTo(OutputStream.nullOutputStream());
        if (rest == 0) {
            Picture.of(kept).ifPresent(picture -> {
                room -= kept.length;
                pictures.putIfAbsent(contentId, picture);
            });
        }
        return kept.length + rest;
    }

    private String text(BodyDescriptor descriptor, int most) throws IOException {
        InputStream decoded = tokens.getDecodedInputStream();
        byte[] octets = decoded.readNBytes(most);
        isCut |= octets.length == most;
        return new String(octets, charset(descriptor.getCharset()));
    }

    /** UTF-8 stands for what there is not: who does not know what a text is in sees at least its US-ASCII. */
    private static Charset charset(@Nullable String named) {
        try {
            return named == null || named.equalsIgnoreCase("us-ascii")
                    ? StandardCharsets.UTF_8
                    : Charset.forName(named);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return StandardCharsets.UTF_8;
        }
    }

    private static String decoded(Field field) {
        return words(cut(unfolded(field), 2 * MAX_VALUE));
    }

    /** Encoded words (RFC 2047), those that can be decoded. */
    private static String words(String value) {
        try {
            return DecoderUtil.decodeEncodedWords(value, DecodeMonitor.SILENT);
        } catch (RuntimeException e) {
            return value; // as it was written
        }
    }

    /** The value, which may be UTF-8 (RFC 6532). */
    private static String unfolded(Field field) {
        if (field.getRaw() == null) {
            return String.valueOf(field.getBody()).strip();
        }
        String raw = ContentUtil.decode(StandardCharsets.UTF_8, field.getRaw());
        return raw.substring(raw.indexOf(':') + 1)
                .replaceAll("\r?\n(?=[ \t])", "")
                .strip();
    }

    /** One line without controls, also those that turn the direction of a text. */
    private static String printable(String value, int most) {
        return cut(value, most).replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "\ufffd");
    }

    private static String cut(String value, int most) {
        return value.length() <= most ? value : value.substring(0, most) + "\u2026";
    }
}
