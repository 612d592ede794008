package dev.postern.internal.content.mime;

import dev.postern.internal.content.header.HeaderSection;
import dev.postern.internal.content.header.HeaderSection.NoField;
import dev.postern.internal.content.header.HeaderSection.Progress;
import dev.postern.internal.content.header.MimeField;
import dev.postern.internal.content.mime.TransferDecoder.Encoding;
import dev.postern.internal.content.wire.Octets;
import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Walks the MIME structure (RFC 2045, RFC 2046) line by line: header sections, multiparts and messages within each
 * other, transfer encodings, attachments. Holds the open boundaries and the section that it is in, nothing else; its
 * work for an octet does not grow with the message.
 *
 * <p>A message within the message is quoted: a bounce, a report, a forward carries what others have made, broken originals
 * too. Its structure is nobody's fault here, so it refuses nothing; what cannot be made out of it is skipped, and what can is
 * read as lenient as a reader of mail does, for the sake of the attachments in it, which are judged like others. The limits
 * of depth and parts count across all.
 */
final class StructureWalk {

    /** RFC 2046 section 5.1.1 allows 70; some programs do not know. */
    private static final int MAX_BOUNDARY = 200;

    /** One attachment has a name, which programs write twice, each time in two ways; every other one is for a reader to err. */
    private static final int MAX_FILE_NAMES = 20;

    /** So many octets have whole the signatures of most formats. */
    private static final int SHORTEST_SIGNED = 12;

    /**
     * Header fields, and what is no file of its own: no name can belie them (RFC 2046 section 5.2, RFC 6522 section 4, RFC
     * 3464, RFC 5965, RFC 6533, RFC 8098).
     */
    private static final Set<String> FIELDS_ONLY = Set.of(
            "message/delivery-status",
            "message/disposition-notification",
            "message/external-body",
            "message/feedback-report",
            "message/global-delivery-status",
            "message/global-disposition-notification",
            "message/global-headers",
            "message/partial",
            "text/rfc822-headers");

    private enum Mode {
        /** In a header section. */
        HEADER,
        /** In the body of a part that holds no parts. */
        BODY,
        /** Before the first delimiter of a multipart, behind its last, or where a quoted message makes no sense. */
        SKIPPING,
        /** Nothing that follows matters. */
        DONE
    }

    /** A multipart whose end was not seen yet. */
    private static final class Multipart {
        final byte[] delimiter;
        final int depth;
        final boolean digest;
        final boolean quoted;
        int parts;

        Multipart(String boundary, int depth, boolean digest, boolean quoted) {
            this.delimiter = ("--" + boundary).getBytes(StandardCharsets.UTF_8);
            this.depth = depth;
            this.digest = digest;
            this.quoted = quoted;
        }
    }

    private final MessageRules rules;
    private final StructureLimits limits;
    private final HeaderSection top;
    private final List<Multipart> open = new ArrayList<>();
    private Mode mode = Mode.HEADER;
    private HeaderSection section;
    private boolean digestPart;
    private boolean quoted; // within a message within the message
    private int depth;
    private int parts;
    private @Nullable TransferDecoder body;
    private final Signatures signatures = new Signatures();
    private List<String> fileNames = List.of();
    private boolean fieldsOnly; // the body is header fields, whatever its names say
    private @Nullable String defect;
    private long work;

    StructureWalk(MessageRules rules, StructureLimits limits) {
        this.rules = rules;
        this.limits = limits;
        // a reader of From: has to know where the header ends
        boolean strict = rules.checks(Check.MIME) || rules.checks(Check.FROM);
        top = new HeaderSection(
                limits.headerOctets(), limits.headerFields(), strict ? NoField.REFUSED : NoField.ENDS_SECTION, false);
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

    /** How often a part's type was searched for in the whole registry. */
    int searches() {
        return signatures.searches();
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
            case SKIPPING, DONE -> {}
        }
    }

    /** Ends the content. */
    void end(long position) {
        if (mode == Mode.HEADER) {
            endHeader(position);
        }
        endBody(!open.isEmpty());
        if (mode != Mode.DONE) {
            dropQuoted(0);
            if (!open.isEmpty()) {
                unended();
            }
        }
        mode = Mode.DONE;
    }

    private void headerLine(byte[] buffer, int start, int end, boolean first, boolean last, long position) {
        Progress progress = section.line(buffer, start, end, first, last, position);
        if (progress == Progress.BROKEN) {
            if (section == top) {
                refuse(section.defect()); // whatever the rules: From: could not be trusted
            } else if (quoted) {
                skip();
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
        if (!rules.checks(Check.MIME) && !rules.checks(Check.ATTACHMENTS)) {
            mode = Mode.DONE;
        } else if (section.mimeDefect().isPresent() && !quoted) {
            malformed(section.mimeDefect().get());
        } else if (encoding.isPresent()) {
            startBody(encoding.get());
        } else if (quoted) {
            skip(); // RFC 2045 section 6.4: opaque
        } else {
            malformed("unknown transfer encoding");
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
            startLeaf(encoding, type, FIELDS_ONLY.contains(name));
        } else if (++depth > limits.depth()) {
            malformed("parts nested over " + limits.depth() + " deep");
        } else if (message) {
            quoted = true;
            startSection(false, true);
        } else {
            startMultipart(type.flatMap(field -> field.single("boundary")).orElse(""), name.equals("multipart/digest"));
        }
    }

    private void startLeaf(Encoding encoding, Optional<MimeField> type, boolean ofFields) {
        fieldsOnly = ofFields;
        fileNames = rules.checks(Check.ATTACHMENTS)
                ? MimeField.names(section.disposition().map(MimeField::parse), type)
                : List.of();
        if (fileNames.size() > MAX_FILE_NAMES) { // each is compared with the content
            if (!quoted) {
                refuse("over " + MAX_FILE_NAMES + " file names");
                return;
            }
            fileNames = fileNames.subList(0, MAX_FILE_NAMES);
        }
        TransferDecoder decoder = new TransferDecoder(encoding, Signatures.mayKnow(fileNames), quoted);
        body = decoder.indifferent() ? null : decoder;
        mode = body == null && open.isEmpty() ? Mode.DONE : Mode.BODY;
    }

    private void startMultipart(String boundary, boolean digest) {
        Multipart multipart = new Multipart(boundary, depth, digest, quoted);
        boolean bounded = !boundary.isEmpty() && multipart.delimiter.length <= MAX_BOUNDARY + 2;
        if (!bounded && quoted) {
            skip();
        } else if (!bounded) {
            malformed("multipart without a boundary");
        } else {
            open.add(multipart);
            mode = Mode.SKIPPING;
        }
    }

    private void startSection(boolean inDigest, boolean message) {
        if (++parts > limits.parts()) {
            malformed("over " + limits.parts() + " parts");
            return;
        }
        NoField noField = rules.checks(Check.MIME) ? NoField.REFUSED : NoField.ENDS_SECTION;
        section = new HeaderSection(
                limits.headerOctets(), limits.headerFields(), quoted ? NoField.SKIPPED : noField, message);
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
            if (end - start >= Inspection.LONG_LINE && !open.get(i).quoted) {
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
        endBody(index < open.size() - 1);
        if (mode == Mode.DONE) {
            return;
        }
        dropQuoted(index + 1);
        Multipart multipart = open.get(index);
        depth = multipart.depth;
        quoted = multipart.quoted;
        if (index < open.size() - 1) {
            unended();
        } else if (!closes) {
            multipart.parts++;
            startSection(multipart.digest, false);
        } else if (multipart.parts == 0 && !quoted) {
            malformed("multipart without a part");
        } else {
            open.remove(index);
            skip();
        }
    }

    /** Ends the body of a part; one that was cut off has no delimiter of its own multipart behind it. */
    private void endBody(boolean cutOff) {
        TransferDecoder decoder = body;
        body = null;
        if (decoder == null) {
            return;
        }
        if (!decoder.end()) {
            malformed("undecodable transfer encoding");
            return;
        }
        byte[] sample = decoder.sample();
        // of a few octets that are left of a file, a signature that is not whole says nothing
        boolean lenient = fieldsOnly || cutOff && sample.length < SHORTEST_SIGNED;
        signatures.mismatch(fileNames, sample, lenient).ifPresent(this::refuse);
    }

    /** Ends what is open in a quoted message whose end has come, though it has no end of its own. */
    private void dropQuoted(int from) {
        while (open.size() > from && open.get(open.size() - 1).quoted) {
            open.remove(open.size() - 1);
        }
    }

    private void skip() {
        body = null;
        mode = open.isEmpty() ? Mode.DONE : Mode.SKIPPING;
    }

    private void unended() {
        Multipart multipart = open.get(open.size() - 1);
        malformed(multipart.parts == 0 ? "multipart without its boundary" : "multipart without its end");
    }

    private void malformed(String what) {
        if (rules.checks(Check.MIME)) {
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
