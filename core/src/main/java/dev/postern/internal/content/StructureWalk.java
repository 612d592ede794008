package dev.postern.internal.content;

import dev.postern.internal.content.HeaderSection.Progress;
import dev.postern.internal.content.TransferDecoder.Encoding;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Walks the MIME structure (RFC 2045, RFC 2046) line by line: header sections, multiparts and messages within each
 * other, transfer encodings, attachments. Holds the open boundaries and the section that it is in, nothing else; its
 * work for an octet does not grow with the message.
 */
final class StructureWalk {

    /** RFC 2046 section 5.1.1 allows 70; some programs do not know. */
    private static final int MAX_BOUNDARY = 200;

    /** One attachment has a name, which programs write twice, each time in two ways; every other one is for a reader to err. */
    private static final int MAX_FILE_NAMES = 20;

    private enum Mode {
        /** In a header section. */
        HEADER,
        /** In the body of a part that holds no parts. */
        BODY,
        /** Before the first delimiter of a multipart, or behind its last. */
        BETWEEN,
        /** Nothing that follows matters. */
        DONE
    }

    /** A multipart whose end was not seen yet. */
    private static final class Multipart {
        final byte[] delimiter;
        final int depth;
        final boolean digest;
        int parts;

        Multipart(String boundary, int depth, boolean digest) {
            this.delimiter = ("--" + boundary).getBytes(StandardCharsets.UTF_8);
            this.depth = depth;
            this.digest = digest;
        }
    }

    private final ContentGate.Settings settings;
    private final HeaderSection top;
    private final List<Multipart> open = new ArrayList<>();
    private Mode mode = Mode.HEADER;
    private HeaderSection section;
    private boolean digestPart;
    private int depth;
    private int parts;
    private @Nullable TransferDecoder body;
    private List<String> fileNames = List.of();
    private @Nullable String defect;
    private long work;

    StructureWalk(ContentGate.Settings settings) {
        this.settings = settings;
        // a reader of From: has to know where the header ends
        boolean strict = settings.checkMime() || settings.checkFrom();
        top = new HeaderSection(settings.maxHeaderOctets(), settings.maxHeaderFields(), strict, false);
        section = top;
    }

    boolean done() {
        return mode == Mode.DONE;
    }

    Optional<String> defect() {
        return Optional.ofNullable(defect);
    }

    HeaderSection header() {
        return top;
    }

    /** How many octets were looked at, those compared with a delimiter once for each: the measure of what input costs. */
    long work() {
        return work;
    }

    /**
     * Takes a line without its CRLF, or a fragment of one that is longer than {@link Inspection#LONG_LINE}.
     *
     * @param position of the line in the content
     */
    void line(byte[] buffer, int start, int end, boolean first, boolean last, long position) {
        work += end - start;
        if (first && !open.isEmpty() && end - start > 2 && buffer[start] == '-' && buffer[start + 1] == '-') {
            if (delimiter(buffer, start, end, position)) {
                return;
            }
        }
        switch (mode) {
            case HEADER -> headerLine(buffer, start, end, first, last, position);
            case BODY -> {
                TransferDecoder decoder = body;
                if (decoder != null && !decoder.line(buffer, start, end, first, last)) {
                    malformed("undecodable transfer encoding");
                }
            }
            case BETWEEN, DONE -> {}
        }
    }

    /** Ends the content. */
    void end(long position) {
        if (mode == Mode.HEADER) {
            endHeader(position);
        }
        endBody();
        if (mode != Mode.DONE && !open.isEmpty()) {
            unended(open.get(open.size() - 1));
        }
        mode = Mode.DONE;
    }

    private void headerLine(byte[] buffer, int start, int end, boolean first, boolean last, long position) {
        Progress progress = section.line(buffer, start, end, first, last, position);
        if (progress == Progress.BROKEN) {
            if (section == top) {
                refuse(section.defect()); // whatever the settings: From: could not be trusted
            } else {
                malformed(section.defect());
            }
        } else if (progress == Progress.ENDED) {
            startBody();
        }
    }

    /** Ends a header section that has no empty line behind it, which means that it has no body (RFC 2046 5.1). */
    private void endHeader(long position) {
        section.finish(position);
        startBody();
        if (mode == Mode.HEADER && defect == null && section.isEmpty()) {
            startBody(); // a message without even a header
        }
    }

    private void startBody() {
        Optional<Encoding> encoding = Encoding.of(section.transferEncoding().orElse(""));
        if (!settings.checkMime() && !settings.checkAttachments()) {
            mode = Mode.DONE;
        } else if (section.mimeDefect().isPresent()) {
            malformed(section.mimeDefect().get());
        } else if (encoding.isEmpty()) {
            malformed("unknown transfer encoding");
        } else {
            startBody(encoding.get());
        }
    }

    private void startBody(Encoding encoding) {
        Optional<MimeField> type = section.contentType().map(MimeField::parse);
        String name = type.map(MimeField::value).orElse(digestPart ? "message/rfc822" : "text/plain");
        boolean multipart = name.equals("multipart") || name.startsWith("multipart/");
        // an encoded message is an attachment like others: message/global may be (RFC 6532 section 3.7), and
        // programs do it to message/rfc822 too; an encoding of a multipart (RFC 2045 section 6.4 forbids it) is a
        // label that no reader minds
        boolean message =
                (name.equals("message/rfc822") || name.equals("message/global")) && encoding == Encoding.IDENTITY;
        if (!multipart && !message) {
            startLeaf(encoding, type);
        } else if (++depth > settings.maxMimeDepth()) {
            malformed("parts nested over " + settings.maxMimeDepth() + " deep");
        } else if (message) {
            startSection(false, true);
        } else {
            startMultipart(type.flatMap(field -> field.single("boundary")).orElse(""), name.equals("multipart/digest"));
        }
    }

    private void startLeaf(Encoding encoding, Optional<MimeField> type) {
        fileNames = settings.checkAttachments()
                ? MimeField.names(section.disposition().map(MimeField::parse), type)
                : List.of();
        if (fileNames.size() > MAX_FILE_NAMES) {
            refuse("over " + MAX_FILE_NAMES + " file names"); // each is compared with the content
            return;
        }
        TransferDecoder decoder = new TransferDecoder(encoding, Signatures.mayKnow(fileNames));
        body = decoder.indifferent() ? null : decoder;
        mode = body == null && open.isEmpty() ? Mode.DONE : Mode.BODY;
    }

    private void startMultipart(String boundary, boolean digest) {
        Multipart multipart = new Multipart(boundary, depth, digest);
        if (boundary.isEmpty() || multipart.delimiter.length > MAX_BOUNDARY + 2) {
            malformed("multipart without a boundary");
        } else {
            open.add(multipart);
            mode = Mode.BETWEEN;
        }
    }

    private void startSection(boolean inDigest, boolean message) {
        if (++parts > settings.maxMimeParts()) {
            malformed("over " + settings.maxMimeParts() + " parts");
            return;
        }
        section = new HeaderSection(
                settings.maxHeaderOctets(), settings.maxHeaderFields(), settings.checkMime(), message);
        digestPart = inDigest;
        mode = Mode.HEADER;
    }

    /** Handles a line that may be a delimiter. Returns false when it is none. */
    private boolean delimiter(byte[] buffer, int start, int end, long position) {
        int seen = Math.min(end, start + Inspection.LONG_LINE);
        for (int i = open.size() - 1; i >= 0; i--) {
            byte[] delimiter = open.get(i).delimiter;
            int rest = start + delimiter.length;
            work += delimiter.length;
            if (rest > seen || !Arrays.equals(buffer, start, rest, delimiter, 0, delimiter.length)) {
                continue;
            }
            boolean closes = seen - rest >= 2 && buffer[rest] == '-' && buffer[rest + 1] == '-';
            if (!isBlank(buffer, closes ? rest + 2 : rest, seen)) {
                continue; // another boundary may begin like this one: programs of today compare whole lines
            }
            if (end - start >= Inspection.LONG_LINE) {
                malformed("delimiter line of over " + Inspection.LONG_LINE + " octets"); // nobody pads that much
            } else {
                delimiter(i, closes, position);
            }
            return true;
        }
        return false;
    }

    private void delimiter(int index, boolean closes, long position) {
        if (mode == Mode.HEADER) {
            endHeader(position);
        }
        endBody();
        if (mode == Mode.DONE) {
            return;
        }
        Multipart multipart = open.get(index);
        depth = multipart.depth;
        if (index < open.size() - 1) {
            unended(open.get(open.size() - 1));
        } else if (!closes) {
            multipart.parts++;
            startSection(multipart.digest, false);
        } else if (multipart.parts == 0) {
            malformed("multipart without a part");
        } else {
            open.remove(index);
            mode = open.isEmpty() ? Mode.DONE : Mode.BETWEEN;
        }
    }

    private void endBody() {
        TransferDecoder decoder = body;
        body = null;
        if (decoder == null) {
            return;
        }
        if (!decoder.end()) {
            malformed("undecodable transfer encoding");
        } else {
            Signatures.mismatch(fileNames, decoder.sample()).ifPresent(this::refuse);
        }
    }

    private void unended(Multipart multipart) {
        malformed(multipart.parts == 0 ? "multipart without its boundary" : "multipart without its end");
    }

    private void malformed(String what) {
        if (settings.checkMime()) {
            refuse(what);
        } else {
            body = null;
            mode = Mode.DONE;
        }
    }

    private void refuse(String what) {
        String path = open.stream().map(each -> String.valueOf(each.parts)).collect(Collectors.joining("."));
        defect = (path.isEmpty() ? "" : "part " + path + ": ") + what;
        body = null;
        mode = Mode.DONE;
    }

    private static boolean isBlank(byte[] buffer, int start, int end) {
        for (int i = start; i < end; i++) {
            if (!Octets.isBlank(buffer[i])) {
                return false;
            }
        }
        return true;
    }
}
