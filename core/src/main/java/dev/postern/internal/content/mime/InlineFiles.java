package dev.postern.internal.content.mime;

import dev.postern.internal.content.header.MimeField;
import dev.postern.internal.content.header.Text;
import dev.postern.internal.content.mime.Signatures.Mismatch;
import dev.postern.internal.content.mime.Signatures.Mode;
import dev.postern.internal.content.mime.TransferDecoder.Encoding;
import dev.postern.internal.octets.Octets;
import dev.postern.spi.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Looks in a text for files that stand in it by uuencode or yEnc, as they did before MIME. KMail shows each as an attachment,
 * Mozilla's programs where the part says no type. A text may speak of such files, so that only a known binary under another
 * kind's name is refused. Each file that has content, and a name with an extension, counts as a part.
 */
final class InlineFiles implements BodyReader {

    private static final byte[] Y_NAME = " name=".getBytes(StandardCharsets.US_ASCII);
    /** Nothing else makes a dot, in whatever way a name is read. */
    private static final Pattern MAY_HAVE_EXTENSION = Pattern.compile("[^ -~]|[.=]");

    private static final int MIN_MODE = 3; // digits; KMail takes any for octal ones

    private final WholeMessage message;
    private final String path;
    private String name = "";
    private @Nullable Sample sample;
    private @Nullable TransferDecoder decoder;

    private InlineFiles(WholeMessage message, String path) {
        this.message = message;
        this.path = path.isEmpty() ? "1" : path;
    }

    /**
     * Those who follow a part: its text as it stands, which these programs look at however it is encoded; and decoded where it is
     * plain, for a server on the way may decode it.
     */
    static List<BodyReader> readers(WholeMessage message, String path, PartHeader part) {
        if (!part.mayHoldInlineFiles()) {
            return List.of();
        }
        List<BodyReader> readers = new ArrayList<>(List.of(new InlineFiles(message, path)));
        for (Encoding each : part.encodings()) {
            if (part.isPlainText() && (each == Encoding.BASE64 || each == Encoding.QUOTED_PRINTABLE)) {
                readers.add(new DecodingReader(message, each, new InlineFiles(message, path)));
            }
        }
        return readers;
    }

    @Override
    public boolean indifferent() {
        return message.lost();
    }

    @Override
    public void lines(byte[] buffer, int start, int end, long position) {
        int i = start;
        while (i < end && !message.lost()) {
            int line = decoder == null ? lineWithBegin(buffer, i, end) : i;
            int lf = Octets.indexOf(buffer, line, end, Octets.LF);
            if (line < end) {
                line(buffer, line, lf - 1, true, true, position + line - start);
            }
            i = lf + 1;
        }
    }

    /** Where the next line starts that has "begin" in it, as the first one of a file has; the end when none does. */
    private static int lineWithBegin(byte[] buffer, int start, int end) {
        int line = indexOfBegin(buffer, start, end);
        while (line < end && line > start && buffer[line - 1] != Octets.LF) {
            line--;
        }
        return line;
    }

    /** Boyer, Moore and Horspool's search: what is no letter of the word lets it go on by the length of the word. */
    private static int indexOfBegin(byte[] buffer, int start, int end) {
        int last = start + TransferDecoder.UU_BEGIN.length - 1;
        while (last < end) {
            switch (buffer[last]) {
                case 'b' -> last += 4;
                case 'e' -> last += 3;
                case 'g' -> last += 2;
                case 'i' -> last += 1;
                case 'n' -> {
                    int first = last - TransferDecoder.UU_BEGIN.length + 1;
                    if (Octets.startsWith(buffer, first, end, TransferDecoder.UU_BEGIN)) {
                        return first;
                    }
                    last += TransferDecoder.UU_BEGIN.length;
                }
                default -> last += TransferDecoder.UU_BEGIN.length;
            }
        }
        return end;
    }

    @Override
    public void line(byte[] buffer, int start, int end, boolean first, boolean last, long position) {
        if (first && last && end > start && end - start < LineSplitter.LONG_LINE) { // no file has such a name
            int uuencoded = buffer[start] == 'b' ? nameOfUuencoded(buffer, start, end) : end;
            int yEncoded = buffer[start] == '=' ? nameOfYEncoded(buffer, start, end) : end;
            if (uuencoded < end) {
                begin(Encoding.UUENCODE, Text.decode(buffer, uuencoded, end - uuencoded));
            } else if (yEncoded < end) {
                begin(Encoding.YENC, Text.decode(buffer, yEncoded, end - yEncoded));
            }
        }
        if (decoder != null) {
            decoder.line(buffer, start, end, first, last);
            if (decoder.indifferent()) {
                judge();
            }
        }
    }

    @Override
    public void end(boolean cutOff) {
        judge();
    }

    /** Where the name stands behind the mode; at the end where there is none. */
    private static int nameOfUuencoded(byte[] buffer, int start, int end) {
        if (!Octets.startsWith(buffer, start, end, TransferDecoder.UU_BEGIN)) {
            return end;
        }
        int mode = Octets.skipBlanks(buffer, start + TransferDecoder.UU_BEGIN.length, end);
        int i = mode;
        while (i < end && buffer[i] >= '0' && buffer[i] <= '9') {
            i++;
        }
        return i - mode >= MIN_MODE ? Octets.skipBlanks(buffer, i, end) : end;
    }

    private static int nameOfYEncoded(byte[] buffer, int start, int end) {
        for (int i = start; Octets.startsWith(buffer, start, end, TransferDecoder.Y_BEGIN) && i < end; i++) {
            if (Octets.startsWith(buffer, i, end, Y_NAME)) {
                return Octets.skipBlanks(buffer, i + Y_NAME.length, end);
            }
        }
        return end;
    }

    private void begin(Encoding encoding, String found) {
        judge();
        if (MAY_HAVE_EXTENSION.matcher(found).find()) {
            name = found;
            sample = new Sample();
            decoder = new TransferDecoder(encoding, false, sample);
        }
    }

    /** Ends a file, where one is open. */
    private void judge() {
        Sample file = sample;
        sample = null;
        decoder = null;
        if (file == null || message.lost()) {
            return;
        }
        byte[] octets = file.readings().get(0); // all readers see the same
        if (octets.length == 0) {
            return;
        }
        Set<String> names = new LinkedHashSet<>(Set.of(name));
        names.addAll(MimeField.parse("x; filename=\"" + name + "\"").fileNames()); // as Mozilla's programs do
        if (!message.addPart()) {
            message.refuse(path, "over " + message.limits.parts() + " parts");
        } else if (!message.addNames(names.stream().mapToLong(String::length).sum())) {
            message.refuse(path, "names over " + WholeMessage.MAX_NAMES + " characters in all ways to read them");
        } else {
            Optional<Mismatch> mismatch = message.signatures.mismatch(names, octets, Mode.KNOWN_BINARIES);
            mismatch.ifPresent(found -> message.refuse(
                    path + " \"" + Reply.printable(found.name(), 100) + "\"", "in its text, " + found.what()));
        }
    }
}
