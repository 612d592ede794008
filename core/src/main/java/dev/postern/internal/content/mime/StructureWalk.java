package dev.postern.internal.content.mime;

import dev.postern.internal.content.header.HeaderSection;
import dev.postern.internal.content.header.HeaderSection.NoField;
import dev.postern.internal.content.header.HeaderSection.Progress;
import dev.postern.internal.content.mime.Multipart.Match;
import dev.postern.internal.content.mime.PartHeader.Kind;
import dev.postern.internal.content.mime.TransferDecoder.Encoding;
import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import dev.postern.spi.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Walks the MIME structure (RFC 2045, RFC 2046) line by line: header sections, multiparts and messages within each
 * other. Holds the open boundaries and the section that it is in, nothing else; its work for an octet does not grow with the
 * message. {@link BodyReader}s beside it follow what readers may take for the body of a part.
 *
 * <p>A message within the message is quoted: a bounce, a report or a forward carries what others have made. Its structure
 * refuses nothing; it is read as the most lenient program reads it, for the sake of its attachments, which are judged like
 * others. The limits of depth and parts count across all.
 */
final class StructureWalk {

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

    /** Follows a body, within so many open multiparts. */
    private record Reading(int level, BodyReader reader) {}

    final WholeMessage message;
    private final MessageRules rules;
    private final HeaderSection top;
    private final boolean nested; // a message that was decoded, or another reading of a part
    private final String pathBefore;
    private final List<Multipart> open = new ArrayList<>();
    private final List<Reading> readings = new ArrayList<>();
    private Mode mode = Mode.HEADER;
    private HeaderSection section;
    private boolean digestPart;
    private final boolean doubtful; // a reading of a part that only some have
    private boolean quoted; // within a message within the message
    private boolean endedEarly; // a reading of the section's body was opened before its end
    private int depth;

    StructureWalk(MessageRules rules, StructureLimits limits) {
        this.rules = rules;
        message = new WholeMessage(rules, limits);
        // a reader of From: has to know where the header ends
        boolean strict = rules.checks(Check.MIME) || rules.checks(Check.FROM);
        top = new HeaderSection(
                limits.headerOctets(), limits.headerFields(), strict ? NoField.REFUSED : NoField.ENDS_SECTION, false);
        section = top;
        nested = false;
        doubtful = false;
        pathBefore = "";
    }

    /** Begins a walk within another, that refuses nothing for its structure. */
    private StructureWalk(StructureWalk outer, HeaderSection section, boolean doubtful) {
        message = outer.message;
        rules = outer.rules;
        top = section;
        this.section = section;
        nested = true;
        this.doubtful = doubtful || outer.doubtful;
        quoted = true;
        depth = outer.depth;
        pathBefore = outer.path();
    }

    boolean done() {
        return mode == Mode.DONE || message.lost();
    }

    Optional<String> defect() {
        return Optional.ofNullable(message.defect());
    }

    HeaderSection header() {
        return top;
    }

    /**
     * Takes a line at a position in the content, without its CRLF, or a fragment of one that is longer than {@link
     * LineSplitter#LONG_LINE}.
     */
    void line(byte[] buffer, int start, int end, boolean first, boolean last, long position) {
        message.worked(end - start);
        boolean delimiter = first
                && !open.isEmpty()
                && end - start > 2
                && buffer[start] == '-'
                && buffer[start + 1] == '-'
                && delimiter(buffer, start, end, position);
        for (int i = 0; i < readings.size() && !message.lost(); i++) {
            readings.get(i).reader().line(buffer, start, end, first, last, position);
        }
        if (mode == Mode.HEADER && !delimiter && !message.lost()) {
            headerLine(buffer, start, end, first, last, position);
        }
    }

    /**
     * Takes whole lines of a body at once, as long as none looks like a delimiter, and at most one reader cares for
     * them. Returns the start of the first line that it did not take.
     */
    int lines(byte[] buffer, int start, int end, long position) {
        if (mode == Mode.HEADER) {
            return start;
        }
        @Nullable BodyReader only = null;
        for (int i = 0; i < readings.size(); i++) {
            BodyReader reader = readings.get(i).reader();
            if (!reader.indifferent()) {
                if (only != null) {
                    return start; // of two defects the first counts
                }
                only = reader;
            }
        }
        int taken = LineSplitter.bodyLines(buffer, start, end);
        message.worked(taken - start);
        if (only != null && taken > start) {
            only.lines(buffer, start, taken, position);
        }
        return taken;
    }

    /** Ends the content. */
    void end(long position) {
        if (mode == Mode.HEADER) {
            endHeader(position);
        }
        endReadings(-1);
        if (!done()) {
            dropQuoted(0);
        }
        if (!done() && !open.isEmpty()) {
            unended();
        }
        mode = Mode.DONE;
    }

    private void headerLine(byte[] buffer, int start, int end, boolean first, boolean last, long position) {
        Progress progress = section.line(buffer, start, end, first, last, position);
        if (progress == Progress.BROKEN) {
            if (section == top && !nested) {
                refuse(section.defect()); // whatever the rules: From: could not be trusted
            } else {
                malformed(section.defect());
            }
        } else if (progress == Progress.ENDED) {
            startBody();
        } else if (progress == Progress.SKIPPED && !endedEarly && section.hasMimeFields()) {
            endEarly(buffer, start, end, last, position);
        }
    }

    /** Follows what readers see who take a line that is no field for the first of the body. */
    private void endEarly(byte[] buffer, int start, int end, boolean last, long position) {
        endedEarly = true;
        StructureWalk walk = new StructureWalk(this, section.soFar(), true);
        walk.startBody();
        if (!walk.done() && openReading(new WalkReader(walk))) {
            walk.line(buffer, start, end, true, last, position);
        }
    }

    /** Ends a header section that has no empty line behind it, which means that it has no body (RFC 2046 5.1). */
    private void endHeader(long position) {
        section.finish(position);
        startBody();
    }

    private void startBody() {
        if (!rules.checks(Check.MIME) && !rules.checks(Check.ATTACHMENTS)) {
            mode = Mode.DONE;
            return;
        }
        PartHeader part = new PartHeader(section, digestPart);
        if (isRefused(part)) {
            return;
        }
        boolean judged = rules.checks(Check.ATTACHMENTS) && watchForAttachments(part);
        if (part.kind() == Kind.LEAF && !judged && !quoted && part.isBase64() && rules.checks(Check.MIME)) {
            readings.add(new Reading(open.size(), new UndecodableBody(message, path())));
        }
        if (part.hasBoundaryOnly() && rules.checks(Check.ATTACHMENTS)) {
            followAsMultipart(part.doubtfulBoundaries());
        }
        if (message.lost()) {
            mode = Mode.DONE;
        } else if (part.kind() == Kind.LEAF && !part.mayBeMessage()) {
            mode = readings.isEmpty() && open.isEmpty() ? Mode.DONE : Mode.BODY;
        } else if (++depth > message.limits.depth()) {
            refuse("parts nested over " + message.limits.depth() + " deep");
        } else if (part.kind() == Kind.MULTIPART) {
            if (part.isMessageToo()) {
                followAsMessage(Encoding.IDENTITY);
                followDecoded(part);
            }
            startMultipart(part);
        } else {
            startMessage(part);
        }
    }

    /** Judges a part by its header alone; one that is only quoted is let be, as far as it costs little to read. */
    private boolean isRefused(PartHeader part) {
        if (!message.addNames(part.namesLength())) {
            refuse("names over " + WholeMessage.MAX_NAMES + " characters in all ways to read them");
            return true;
        }
        if (quoted) {
            return false;
        }
        part.beyondBound().ifPresentOrElse(this::refuse, () -> part.conflict().ifPresent(this::malformed));
        return part.beyondBound().isPresent() || part.conflict().isPresent();
    }

    /** Tells whether what the part holds is judged as an attachment. */
    private boolean watchForAttachments(PartHeader part) {
        boolean judged = AttachmentReader.isNeeded(part);
        if (judged) {
            readings.add(new Reading(open.size(), new AttachmentReader(message, path(), part, quoted, doubtful)));
        }
        for (BodyReader each : InlineFiles.readers(message, path(), part)) {
            readings.add(new Reading(open.size(), each));
        }
        if (part.mayBeMultipart()) {
            watch(part.doubtfulBoundaries(), "Content-Type can be read in two ways, as a multipart and not");
        }
        return judged;
    }

    /** Looks out for delimiters up to the end of the body that the walk is in. */
    private void watch(List<String> boundaries, String what) {
        readings.add(new Reading(open.size(), new DoubtfulMultipart(message, path(), boundaries, what)));
    }

    private void startMultipart(PartHeader part) {
        List<String> boundaries = part.boundaries();
        boolean bounded = !boundaries.isEmpty() && part.hasClearBoundary() && Multipart.isBoundary(boundaries.get(0));
        if (!bounded && !quoted) {
            malformed("multipart without a boundary that is clear (RFC 2046 section 5.1.1): \""
                    + Reply.printable(part.found(), 100) + "\"");
        } else if (part.hasBlankBoundary()) {
            readTwoWays(quoted, "its boundary ends with a blank (RFC 2046 section 5.1.1)");
        } else if (!Multipart.areBounded(boundaries)) {
            refuse("a boundary over " + Multipart.MAX_LENIENT_BOUNDARY + " characters to some readers");
        } else {
            open.add(new Multipart(boundaries, depth, part.type().equals("multipart/digest"), quoted));
            mode = Mode.SKIPPING;
        }
    }

    /** A message may be encoded (RFC 6532 section 3.7), and some readers decode it while others do not. */
    private void startMessage(PartHeader part) {
        followDecoded(part);
        if (!message.lost()) {
            quoted = true;
            startSection(false, true);
        }
    }

    private void followDecoded(PartHeader part) {
        part.encodings().stream().filter(each -> each != Encoding.IDENTITY).forEach(this::followAsMessage);
    }

    private void followAsMessage(Encoding encoding) {
        StructureWalk walk = new StructureWalk(this, quotedSection(true), false);
        if (message.addPart()) {
            openReading(new DecodingReader(message, encoding, new WalkReader(walk)));
        } else {
            refuse("over " + message.limits.parts() + " parts");
        }
    }

    /** Follows what is no multipart as one whose structure refuses nothing, for its attachments. */
    private void followAsMultipart(List<String> boundaries) {
        StructureWalk walk = new StructureWalk(this, quotedSection(false), true);
        if (++walk.depth > message.limits.depth() || !Multipart.areBounded(boundaries)) {
            refuse("a boundary of what is no multipart, too deep or too long");
        } else if (openReading(new WalkReader(walk))) {
            walk.open.add(new Multipart(boundaries, walk.depth, false, true));
            walk.mode = Mode.SKIPPING;
        }
    }

    private boolean openReading(BodyReader reader) {
        if (!message.openReading()) {
            refuse("over " + WholeMessage.MAX_READINGS + " parts within each other that can be read in two ways");
            return false;
        }
        readings.add(new Reading(open.size(), reader));
        return true;
    }

    private void startSection(boolean inDigest, boolean ofMessage) {
        if (!message.addPart()) {
            refuse("over " + message.limits.parts() + " parts");
            return;
        }
        NoField noField = rules.checks(Check.MIME) ? NoField.REFUSED : NoField.ENDS_SECTION;
        section = quoted
                ? quotedSection(ofMessage)
                : new HeaderSection(message.limits.headerOctets(), message.limits.headerFields(), noField, ofMessage);
        digestPart = inDigest;
        endedEarly = false;
        mode = Mode.HEADER;
    }

    /** Without limits: nothing of it is held, and what is in it has to be seen. */
    private static HeaderSection quotedSection(boolean ofMessage) {
        return new HeaderSection(Integer.MAX_VALUE, Integer.MAX_VALUE, NoField.SKIPPED, ofMessage);
    }

    /** Handles a line that may be a delimiter. Returns false when it is none. */
    private boolean delimiter(byte[] buffer, int start, int end, long position) {
        int seen = Math.min(end, start + LineSplitter.LONG_LINE);
        for (int i = open.size() - 1; i >= 0; i--) {
            Multipart multipart = open.get(i);
            message.worked(multipart.cost());
            Match line = multipart.match(buffer, start, seen);
            if (line == Match.CONTENT) {
                continue;
            }
            if (line == Match.DOUBTFUL) {
                if (isDelimiterOfAnother(i, buffer, start, seen)) {
                    continue; // boundaries may begin alike
                }
                readTwoWays(multipart.quoted, "its delimiter at octet " + position + " has something behind it");
            } else if (end - start >= LineSplitter.LONG_LINE && !multipart.quoted) {
                malformed("delimiter line of over " + LineSplitter.LONG_LINE + " octets"); // nobody pads that much
            } else if (!multipart.choose()) {
                readTwoWays(multipart.quoted, "its boundary can be read in two ways");
            } else {
                delimiter(i, line == Match.CLOSES, position);
            }
            return true;
        }
        int last = open.size() - 1;
        if (open.get(last).guess(buffer, start, seen) == Match.CONTENT) {
            return false;
        }
        delimiter(last, false, position);
        return true;
    }

    private boolean isDelimiterOfAnother(int index, byte[] buffer, int start, int seen) {
        for (int i = 0; i < open.size(); i++) {
            Match line = i == index ? Match.CONTENT : open.get(i).match(buffer, start, seen);
            if (line != Match.CONTENT && line != Match.DOUBTFUL) {
                return true;
            }
        }
        return false;
    }

    /** Refuses what leads two readers to different parts, quoted or not: no mistake of a program looks like it. */
    private void readTwoWays(boolean ofQuoted, String what) {
        if (ofQuoted) {
            refuse("multipart can be read in two ways: " + what);
        } else {
            malformed("multipart can be read in two ways: " + what);
        }
    }

    private void delimiter(int index, boolean closes, long position) {
        boolean atOnce = mode == Mode.HEADER && section.isEmpty() && index == open.size() - 1;
        if (atOnce && closes && open.get(index).isPastEnd()) {
            return; // to Python, which passes over delimiters right behind another one, ends too
        }
        if (mode == Mode.HEADER) {
            endHeader(position);
        }
        endReadings(index);
        if (done()) {
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
            startSection(isDigest(multipart), false);
        } else if (multipart.parts == 0 && !quoted) {
            malformed("multipart without a part");
        } else if (multipart.isPastEnd()) {
            mode = Mode.SKIPPING;
        } else {
            open.remove(index);
            if (rules.checks(Check.ATTACHMENTS)) {
                followBehindEnd(multipart, atOnce);
            }
            mode = open.isEmpty() && readings.isEmpty() || message.lost() ? Mode.DONE : Mode.SKIPPING;
        }
    }

    /** To readers that split a body by its delimiters, such as Ruby's Mail and Laminas, there are parts behind the end, too. */
    private void followBehindEnd(Multipart ended, boolean atOnce) {
        List<String> others = ended.otherBoundaries();
        if (!others.isEmpty()) {
            watch(others, "multipart can be read in two ways: behind its end is another's delimiter");
        }
        StructureWalk walk = new StructureWalk(this, quotedSection(false), true);
        if (openReading(new WalkReader(walk))) {
            walk.open.add(ended.behindEnd());
            walk.mode = Mode.SKIPPING;
            if (atOnce) {
                walk.startSection(walk.isDigest(ended), false);
            }
        }
    }

    /** Where multiparts within each other share a boundary, readers differ in whose a part is. */
    private boolean isDigest(Multipart multipart) {
        return open.stream().anyMatch(each -> each.digest && each.boundary().equals(multipart.boundary()));
    }

    /** Ends what a delimiter of an open multipart ends, or with -1 everything. */
    private void endReadings(int index) {
        for (int i = readings.size() - 1; i >= 0 && readings.get(i).level() > index; i--) {
            Reading reading = readings.remove(i);
            if (!message.lost()) {
                reading.reader().end(index < reading.level() - 1);
            }
        }
    }

    /** Ends what is open in a quoted message whose end has come, though it has no end of its own. */
    private void dropQuoted(int from) {
        while (open.size() > from && open.get(open.size() - 1).quoted) {
            open.remove(open.size() - 1);
        }
    }

    private void unended() {
        Multipart multipart = open.get(open.size() - 1);
        malformed((multipart.parts == 0 ? "multipart without its boundary" : "multipart without its end")
                + " (RFC 2046 section 5.1.1): \"" + Reply.printable(multipart.boundary(), 80) + "\"");
    }

    private void malformed(String what) {
        if (rules.checks(Check.MIME)) {
            refuse(what);
        } else {
            mode = Mode.DONE;
        }
    }

    private void refuse(String what) {
        message.refuse(path(), what);
        mode = Mode.DONE;
    }

    /** Numbers of the parts, from the outermost to the one that the walk is in. */
    private String path() {
        StringBuilder path = new StringBuilder(pathBefore);
        for (Multipart each : open) {
            if (each.parts > 0) {
                path.append(path.isEmpty() ? "" : ".").append(each.parts);
            }
        }
        return path.toString();
    }

    /** Follows another walk of the same lines. */
    private record WalkReader(StructureWalk walk) implements BodyReader {

        @Override
        public boolean indifferent() {
            return walk.done();
        }

        @Override
        public void line(byte[] buffer, int start, int end, boolean first, boolean last, long position) {
            if (!walk.done()) {
                walk.line(buffer, start, end, first, last, position);
            }
        }

        @Override
        public void end(boolean cutOff) {
            walk.end(0);
            walk.message.closeReading();
        }
    }
}
