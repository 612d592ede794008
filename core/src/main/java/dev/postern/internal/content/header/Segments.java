package dev.postern.internal.content.header;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The pieces of one parameter: {@code name*=}, {@code name*0=}, {@code name*0*=} (RFC 2231 sections 3 and 4), and every value
 * that a reader may put together from them. Readers go by the numbers or by the order in which pieces stand, take the first or the
 * last of two with one number, stop at a number that is missing or do not, and decode all pieces or those that say so.
 */
final class Segments {

    static final int MAX_SEGMENTS = 100;

    /** For a charset that is not known: the extension, which matters here, is US-ASCII in nearly all. */
    private static final Charset ANY = StandardCharsets.ISO_8859_1;

    private static final int NO_NUMBER = -1;

    /** A piece as the standard reads it, and with its comment left in. */
    private record Piece(int number, boolean extended, String text, String raw) {}

    private final List<Piece> pieces = new ArrayList<>(); // as they stand

    /** Adds a piece by what stands behind its name, with the values that it may have. Returns what is beyond a bound. */
    Optional<String> add(String suffix, List<String> values) {
        String digits = suffix.substring(1, suffix.length() - (suffix.length() > 1 && suffix.endsWith("*") ? 1 : 0));
        boolean extended = digits.isEmpty() || suffix.endsWith("*");
        boolean number = digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (number && (digits.length() > 9 || !digits.isEmpty() && Integer.parseInt(digits) >= MAX_SEGMENTS)
                || pieces.size() >= MAX_SEGMENTS) {
            return Optional.of("over " + MAX_SEGMENTS + " segments of a parameter");
        }
        int position = !number ? NO_NUMBER : digits.isEmpty() ? 0 : Integer.parseInt(digits);
        pieces.add(new Piece(position, extended, values.get(0), values.get(values.size() > 1 ? 1 : 0)));
        return Optional.empty();
    }

    /** Adds a parameter that is whole, which some readers join with pieces, or with another one. */
    void addWhole(List<String> values) {
        pieces.add(new Piece(NO_NUMBER, false, values.get(0), values.get(0)));
    }

    /** Every value that the pieces make by their numbers. */
    Set<String> joined() {
        Set<String> values = new LinkedHashSet<>();
        TreeMap<Integer, Piece> first = new TreeMap<>();
        TreeMap<Integer, Piece> last = new TreeMap<>();
        for (Piece each : pieces) {
            if (each.number() != NO_NUMBER) {
                first.putIfAbsent(each.number(), each);
                last.put(each.number(), each);
            }
        }
        List<Piece> withoutGap = new ArrayList<>();
        for (int i = 0; first.containsKey(i); i++) {
            withoutGap.add(first.get(i));
        }
        for (List<Piece> order : List.of(new ArrayList<>(first.values()), new ArrayList<>(last.values()), withoutGap)) {
            addDecoded(order, values);
        }
        values.remove("");
        return values;
    }

    /** What the pieces make in the order in which they stand, to readers who do not know of numbers. */
    Set<String> asTheyStand() {
        Set<String> values = new LinkedHashSet<>();
        addDecoded(pieces, values);
        return values;
    }

    private static void addDecoded(List<Piece> order, Set<String> values) {
        if (order.isEmpty()) {
            return;
        }
        String prefix = order.get(0).extended() ? charset(order.get(0).text()) : "";
        Charset charset = prefix.isEmpty()
                ? StandardCharsets.UTF_8
                : Charsets.find(prefix).orElse(ANY);
        ByteArrayOutputStream asSaid = new ByteArrayOutputStream();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        StringBuilder none = new StringBuilder();
        StringBuilder raw = new StringBuilder();
        boolean begins = true;
        for (Piece each : order) {
            String content = begins && each.extended() ? withoutCharset(each.text()) : each.text();
            percentDecode(content, each.extended(), asSaid);
            percentDecode(begins ? withoutCharset(each.text()) : each.text(), true, all);
            none.append(each.text());
            raw.append(each.raw());
            begins = false;
        }
        values.add(asSaid.toString(charset));
        values.add(all.toString(charset));
        values.add(all.toString(ANY));
        values.add(none.toString());
        values.add(raw.toString());
    }

    private static String charset(String piece) {
        int language = piece.indexOf('\'');
        return language < 0 || piece.indexOf('\'', language + 1) < 0 ? "" : piece.substring(0, language);
    }

    private static String withoutCharset(String piece) {
        int language = piece.indexOf('\'');
        int content = language < 0 ? -1 : piece.indexOf('\'', language + 1);
        return content < 0 ? piece : piece.substring(content + 1);
    }

    /** What is not encoded stands for octets as well, whatever the charset, for not every charset can be written. */
    private static void percentDecode(String piece, boolean extended, ByteArrayOutputStream decoded) {
        byte[] octets = piece.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < octets.length; i++) {
            boolean escape = extended && octets[i] == '%' && i + 2 < octets.length;
            int high = escape ? Character.digit(octets[i + 1], 16) : -1;
            int low = escape ? Character.digit(octets[i + 2], 16) : -1;
            if (high >= 0 && low >= 0) {
                decoded.write(high << 4 | low);
                i += 2;
            } else {
                decoded.write(octets[i]);
            }
        }
    }
}
