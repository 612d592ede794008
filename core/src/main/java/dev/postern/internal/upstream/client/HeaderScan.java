package dev.postern.internal.upstream.client;

import dev.postern.internal.octets.Octets;
import dev.postern.spi.MessageContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Tells whether a message is an internationalized one: whether its header, or that of a part, has octets above 127 (RFC 6532
 * section 3). Of what is no multipart the header alone is read; else each line that begins with two hyphens may be a
 * delimiter. In doubt it is one: a message within the message has a header of its own, which is not looked for.
 */
final class HeaderScan {

    private static final int BLOCK = 8 * 1024;
    private static final int MAX_KEPT = 1000; // octets of a line: more than any that says a media type
    private static final Pattern FIELD = Pattern.compile("[!-9;-~]+[ \t]*:.*", Pattern.DOTALL);

    private final ByteArrayOutputStream line = new ByteArrayOutputStream(); // its beginning
    private boolean eightBit; // of the line
    private boolean inHeader = true;
    private boolean first = true; // line of a header
    private boolean ofType; // within a Content-Type field
    private boolean multipart;
    private boolean found;

    private HeaderScan() {}

    static boolean isInternationalized(MessageContent content) throws IOException {
        HeaderScan scan = new HeaderScan();
        byte[] block = new byte[BLOCK];
        try (InputStream in = content.open()) {
            for (int count = in.read(block); count >= 0 && !scan.done(); count = in.read(block)) {
                scan.take(block, count);
            }
        }
        scan.endLine();
        return scan.found;
    }

    private boolean done() {
        return found || !inHeader && !multipart;
    }

    private void take(byte[] block, int end) {
        for (int from = 0; from < end && !done(); ) {
            int lf = Octets.indexOf(block, from, end, Octets.LF);
            line.write(block, from, Math.min(lf - from, MAX_KEPT - line.size()));
            eightBit |= inHeader && Octets.hasEightBit(block, from, lf);
            if (lf < end) {
                endLine();
            }
            from = lf + 1;
        }
    }

    private void endLine() {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        if (text.startsWith("--")) {
            inHeader = true;
            first = true;
        } else if (inHeader) {
            headerLine(text);
        }
        line.reset();
        eightBit = false;
    }

    /** What has no field in its first line is no header: behind two hyphens, mostly a signature. */
    private void headerLine(String text) {
        if (text.isBlank() || first && !FIELD.matcher(text).matches()) {
            inHeader = false;
            ofType = false;
            return;
        }
        first = false;
        String lower = text.toLowerCase(Locale.ROOT);
        boolean continued = text.charAt(0) == ' ' || text.charAt(0) == '\t';
        ofType = continued ? ofType : lower.startsWith("content-type");
        int end = ofType ? lower.indexOf(';') : 0; // behind it, the field is about other things
        String type = end < 0 ? lower : lower.substring(0, end);
        ofType &= end < 0;
        multipart |= type.contains("multipart");
        found = eightBit || type.contains("message") || type.contains("digest");
    }
}
