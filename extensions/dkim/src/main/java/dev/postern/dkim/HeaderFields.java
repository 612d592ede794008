package dev.postern.dkim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a header section and keeps those fields that are signed, in their relaxed form (RFC 6376 section 3.4.2). */
final class HeaderFields {

    /** RFC 6376 section 5.4.1, and RFC 8058 section 4 for the last one. */
    private static final Set<String> SIGNED = Set.of(
            "from",
            "sender",
            "reply-to",
            "subject",
            "date",
            "message-id",
            "to",
            "cc",
            "mime-version",
            "content-type",
            "content-transfer-encoding",
            "content-id",
            "content-description",
            "resent-date",
            "resent-from",
            "resent-sender",
            "resent-to",
            "resent-cc",
            "resent-message-id",
            "in-reply-to",
            "references",
            "list-id",
            "list-help",
            "list-unsubscribe",
            "list-subscribe",
            "list-post",
            "list-owner",
            "list-archive",
            "list-unsubscribe-post");

    /** Named once more than they occur where they occur, so that nobody adds another one (RFC 6376 section 8.15). */
    private static final Set<String> OVERSIGNED = Set.of(
            "from",
            "reply-to",
            "subject",
            "date",
            "message-id",
            "to",
            "cc",
            "mime-version",
            "content-type",
            "content-transfer-encoding");

    /** Of all kept fields together; names beyond it are left unsigned, all fields of a name or none. */
    static final int MAX_KEPT = 64 * 1024;

    private static final int COLON_AND_LINE_END = 3;
    private static final int MAX_NAME = 64;

    private enum Place {
        LINE_START,
        NAME,
        VALUE,
        /** In a field that is not signed. */
        SKIPPED,
        ENDED
    }

    private final Map<String, List<byte[]>> kept = new LinkedHashMap<>();
    private final Set<String> dropped = new HashSet<>();
    private int keptOctets;
    private Place place = Place.LINE_START;
    private final StringBuilder name = new StringBuilder();
    private @Nullable ByteArrayOutputStream field; // the one that is read, when it is signed
    private String key = ""; // its name
    private boolean blank;
    private boolean valueBegun;

    boolean ended() {
        return place == Place.ENDED;
    }

    /** Reads up to the end of the header section. Returns the index behind it, or the length. */
    int read(byte[] buffer, int length) {
        int i = 0;
        while (i < length && place != Place.ENDED) {
            byte octet = buffer[i++];
            switch (place) {
                case LINE_START -> startLine(octet);
                case NAME -> readName(octet);
                case VALUE -> readValue(octet);
                default -> place = octet == '\n' ? Place.LINE_START : Place.SKIPPED;
            }
        }
        return i;
    }

    private void startLine(byte octet) {
        if (octet == ' ' || octet == '\t') {
            place = field == null ? Place.SKIPPED : Place.VALUE;
            blank = true;
        } else if (octet == '\r') {
            endField(); // the empty line: its LF comes next
        } else if (octet == '\n') {
            place = Place.ENDED;
        } else {
            endField();
            name.setLength(0);
            place = Place.NAME;
            readName(octet);
        }
    }

    private void readName(byte octet) {
        if (octet == ':') {
            key = name.toString().strip().toLowerCase(Locale.ROOT);
            boolean signed = SIGNED.contains(key) && !dropped.contains(key);
            place = signed ? Place.VALUE : Place.SKIPPED;
            field = signed ? new ByteArrayOutputStream(128) : null;
            blank = false;
            valueBegun = false;
        } else if (octet == '\n') {
            // a relay that checks no header lets such a line through; what a verifier makes of it cannot be known
            throw new IllegalStateException("a header line is no field, so the message cannot be signed");
        } else if (name.length() < MAX_NAME) {
            name.append((char) (octet & 0xff));
        }
    }

    private void readValue(byte octet) {
        ByteArrayOutputStream value = field;
        if (octet == '\n' || value == null) {
            place = Place.LINE_START;
        } else if (octet == ' ' || octet == '\t') {
            blank = true;
        } else if (octet != '\r') {
            if (blank && valueBegun) {
                value.write(' ');
            }
            blank = false;
            valueBegun = true;
            value.write(octet);
            if (isTooMuch(value)) {
                drop();
                place = Place.SKIPPED;
            }
        }
    }

    /** The name and the line end count as well, or there is no limit to fields with nothing in them. */
    private boolean isTooMuch(ByteArrayOutputStream value) {
        return keptOctets + octets(value.size()) > MAX_KEPT;
    }

    private int octets(int value) {
        return key.length() + value + COLON_AND_LINE_END;
    }

    private void drop() {
        dropped.add(key);
        List<byte[]> before = kept.remove(key);
        if (before != null) {
            before.forEach(each -> keptOctets -= octets(each.length));
        }
        field = null;
    }

    private void endField() {
        ByteArrayOutputStream value = field;
        if (value != null && isTooMuch(value)) {
            drop();
        } else if (value != null) {
            field = null;
            kept.computeIfAbsent(key, k -> new ArrayList<>()).add(value.toByteArray());
            keptOctets += octets(value.size());
        }
    }

    /** Ends the header section, also where no empty line has. */
    void end() {
        endField();
        if (!kept.containsKey("from")) {
            throw new IllegalStateException("From: cannot be signed: missing, or over " + MAX_KEPT + " octets");
        }
    }

    List<String> signedNames() {
        List<String> names = new ArrayList<>();
        kept.forEach((key, fields) -> {
            fields.forEach(each -> names.add(key));
            if (OVERSIGNED.contains(key)) {
                names.add(key);
            }
        });
        return names;
    }

    /** Of several fields of a name, a verifier takes the last one first (RFC 6376 section 5.4.2). */
    byte[] canonical() {
        ByteArrayOutputStream all = new ByteArrayOutputStream(keptOctets + 1024);
        kept.forEach((key, fields) -> {
            for (int i = fields.size() - 1; i >= 0; i--) {
                all.writeBytes((key + ":").getBytes(StandardCharsets.US_ASCII));
                all.writeBytes(fields.get(i));
                all.write('\r');
                all.write('\n');
            }
        });
        return all.toByteArray();
    }
}
