package dev.postern.internal.content.header;

import dev.postern.internal.octets.Octets;
import dev.postern.spi.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One header section, read line by line. Holds only what a rule asks for, each value up to a bound, so that a large
 * header costs no memory; the octets themselves are where the content is.
 */
public final class HeaderSection {

    /** The most octets of a field that are kept; longer ones have no honest author. */
    public static final int MAX_VALUE = 8 * 1024;

    private static final byte[] MAILBOX_LINE = {'F', 'r', 'o', 'm', ' '};
    private static final long[] NO_RANGES = {};
    private static final int MAX_NAME = 256;
    private static final int MAX_SAME = 4;

    private enum Field {
        FROM,
        RECEIVED,
        DATE,
        MESSAGE_ID,
        BCC,
        CONTENT_TYPE,
        TRANSFER_ENCODING,
        DISPOSITION,
        NAME,
        OTHER
    }

    private static final Map<String, Field> FIELDS = Map.ofEntries(
            Map.entry("from", Field.FROM),
            Map.entry("received", Field.RECEIVED),
            Map.entry("date", Field.DATE),
            Map.entry("message-id", Field.MESSAGE_ID),
            Map.entry("bcc", Field.BCC),
            Map.entry("resent-bcc", Field.BCC),
            Map.entry("content-type", Field.CONTENT_TYPE),
            Map.entry("content-transfer-encoding", Field.TRANSFER_ENCODING),
            Map.entry("content-disposition", Field.DISPOSITION),
            // of no standard; Mozilla's programs take the name of a part from it that has no other
            Map.entry("content-name", Field.NAME),
            Map.entry("x-sun-data-name", Field.NAME));

    /** What a line did. */
    public enum Progress {
        MORE,
        ENDED,
        BROKEN,
        /** It was passed over. */
        SKIPPED
    }

    /** What becomes of a line that is no header line. */
    public enum NoField {
        /** It is a defect. */
        REFUSED,
        /** It ends the section, as it does for most programs. */
        ENDS_SECTION,
        /** It is passed over, as lenient readers do, who take a blank before the colon as well. */
        SKIPPED
    }

    private final int maxOctets;
    private final int maxFields;
    private final NoField noField;
    private final boolean mailboxLine;

    private long octets;
    private int fields;
    private Field field = Field.OTHER;
    private boolean inField;
    private byte[] value = new byte[0];
    private int valueLength;

    private int fromFields;
    private byte[] from = new byte[0];
    private int receivedFields;
    private boolean date;
    private boolean messageId;
    private final List<Long> bccRanges = new ArrayList<>();
    private final Map<Field, List<String>> mime = new EnumMap<>(Field.class);
    private String defect = "";
    private @Nullable String beyondBound;

    /**
     * Makes an empty section.
     *
     * @param noField what becomes of a line that is no header line
     * @param mailboxLine the first line may be the {@code From } line of a mailbox, which forwarded messages carry along
     */
    public HeaderSection(int maxOctets, int maxFields, NoField noField, boolean mailboxLine) {
        this.maxOctets = maxOctets;
        this.maxFields = maxFields;
        this.noField = noField;
        this.mailboxLine = mailboxLine;
    }

    /** Takes a line at a position in the content, without its CRLF, or a fragment of one. */
    public Progress line(byte[] buffer, int start, int end, boolean first, boolean last, long position) {
        if (first && start == end) {
            finish(position);
            return Progress.ENDED;
        }
        octets += end - start + (last ? 2 : 0);
        if (octets > maxOctets) {
            return broken("header over " + maxOctets + " octets");
        }
        if (!first) {
            keep(buffer, start, end);
            return Progress.MORE;
        }
        if (!Octets.isBlank(buffer[start])) {
            finish(position);
            return begin(buffer, start, end, position);
        }
        if (inField) {
            keep(buffer, start, end);
            return Progress.MORE;
        }
        return noField == NoField.SKIPPED // some readers take blanks off a first line, and off that behind no field
                ? begin(buffer, Octets.skipBlanks(buffer, start, end), end, position)
                : noField("header begins with a continuation line");
    }

    /** Tells whether no line was taken. */
    public boolean isEmpty() {
        return octets == 0;
    }

    /** Ends the last field; at the end of a header without an empty line. */
    public void finish(long position) {
        if (!inField) {
            return;
        }
        inField = false;
        switch (field) {
            case FROM -> {
                if (fromFields++ == 0) {
                    from = Arrays.copyOf(value, valueLength);
                }
            }
            case RECEIVED -> receivedFields++;
            case DATE -> date = true;
            case MESSAGE_ID -> messageId = true;
            case BCC -> bccRanges.add(position);
            case CONTENT_TYPE, TRANSFER_ENCODING, DISPOSITION, NAME -> keepMime();
            case OTHER -> {}
        }
    }

    private Progress begin(byte[] buffer, int start, int end, long position) {
        if (fields == 0 && mailboxLine && isMailboxLine(buffer, start, end)) {
            return Progress.MORE;
        }
        if (++fields > maxFields) {
            return broken("over " + maxFields + " header fields");
        }
        int colon = start;
        // field-name: printable US-ASCII but colon (RFC 5322 section 3.6.8); a blank before the colon is
        // obsolete syntax that servers read in different ways
        while (colon < end && buffer[colon] > ' ' && buffer[colon] < 0x7f && buffer[colon] != ':') {
            colon++;
        }
        int nameEnd = colon;
        while (noField == NoField.SKIPPED && colon < end && Octets.isBlank(buffer[colon])) {
            colon++;
        }
        boolean named = nameEnd > start && colon < end && buffer[colon] == ':' && nameEnd - start <= MAX_NAME;
        if (!named) {
            return noField("header line " + fields + " is no field (RFC 5322 section 2.2): \""
                    + Reply.printable(Text.decode(buffer, start, Math.min(end - start, 40)), 40) + "\"");
        }
        inField = true;
        field = fieldOf(buffer, start, nameEnd);
        valueLength = 0;
        if (field == Field.BCC) {
            bccRanges.add(position);
        }
        keep(buffer, colon + 1, end);
        return Progress.MORE;
    }

    private static Field fieldOf(byte[] buffer, int start, int colon) {
        if (colon - start > "content-transfer-encoding".length()) {
            return Field.OTHER;
        }
        String name = new String(buffer, start, colon - start, StandardCharsets.US_ASCII);
        return FIELDS.getOrDefault(name.toLowerCase(Locale.ROOT), Field.OTHER);
    }

    private static boolean isMailboxLine(byte[] buffer, int start, int end) {
        int at = buffer[start] == '>' ? start + 1 : start;
        return Octets.startsWith(buffer, at, end, MAILBOX_LINE);
    }

    private void keep(byte[] buffer, int start, int end) {
        boolean kept = switch (field) {
            case FROM -> fromFields == 0;
            case CONTENT_TYPE, TRANSFER_ENCODING, DISPOSITION, NAME -> true;
            default -> false;
        };
        if (kept && inField && valueLength <= MAX_VALUE) {
            int count = Math.min(end - start, MAX_VALUE + 1 - valueLength); // one more shows that it was too much
            if (valueLength + count > value.length) {
                value = Arrays.copyOf(value, Math.max(valueLength + count, Math.min(2 * value.length, MAX_VALUE + 1)));
            }
            System.arraycopy(buffer, start, value, valueLength, count);
            valueLength += count;
        }
    }

    private void keepMime() {
        String text = Text.decode(value, 0, Math.min(valueLength, MAX_VALUE));
        List<String> fields = mime.computeIfAbsent(field, f -> new ArrayList<>(1));
        if (valueLength > MAX_VALUE) {
            beyondBound = "MIME header field over " + MAX_VALUE + " octets";
        }
        if (fields.size() == MAX_SAME) {
            beyondBound = "over " + MAX_SAME + " MIME header fields of one name";
        } else if (!fields.contains(text)) {
            fields.add(text);
        }
    }

    private Progress noField(String what) {
        return switch (noField) {
            case REFUSED -> broken(what);
            case ENDS_SECTION -> Progress.ENDED;
            case SKIPPED -> Progress.SKIPPED;
        };
    }

    private Progress broken(String what) {
        defect = what;
        return Progress.BROKEN;
    }

    public String defect() {
        return defect;
    }

    /** What is too much for a bound of the fields that say how the body is to be read. */
    public Optional<String> beyondBound() {
        return Optional.ofNullable(beyondBound);
    }

    /** Tells whether there is a field that says how the body is to be read, or what it is called. */
    public boolean hasMimeFields() {
        return !mime.isEmpty();
    }

    /** The MIME fields that are complete, for a reader to whom the section ends here. */
    public HeaderSection soFar() {
        HeaderSection copy = new HeaderSection(maxOctets, maxFields, noField, false);
        mime.forEach((which, values) -> copy.mime.put(which, new ArrayList<>(values)));
        copy.beyondBound = beyondBound;
        return copy;
    }

    public int fromFields() {
        return fromFields;
    }

    /** The first From: field's octets with its folds, one more than {@link #MAX_VALUE} when it is longer. */
    public byte[] from() {
        return from.clone();
    }

    public int receivedFields() {
        return receivedFields;
    }

    public boolean hasDate() {
        return date;
    }

    public boolean hasMessageId() {
        return messageId;
    }

    /** Start and end by turns of the Bcc: and Resent-Bcc: fields. */
    public long[] bccRanges() {
        return bccRanges.isEmpty()
                ? NO_RANGES
                : bccRanges.stream().mapToLong(Long::longValue).toArray();
    }

    /** The values of Content-Type, with their folds; more than one of a message that leaves a choice. */
    public List<String> contentTypes() {
        return mime(Field.CONTENT_TYPE);
    }

    /** The values of Content-Transfer-Encoding, with their folds. */
    public List<String> transferEncodings() {
        return mime(Field.TRANSFER_ENCODING);
    }

    /** The values of Content-Disposition, with their folds. */
    public List<String> dispositions() {
        return mime(Field.DISPOSITION);
    }

    /** The values of Content-Name and X-Sun-Data-Name, with their folds. */
    public List<String> names() {
        return mime(Field.NAME);
    }

    private List<String> mime(Field which) {
        return mime.getOrDefault(which, List.of());
    }
}
