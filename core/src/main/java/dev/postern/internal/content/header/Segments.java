package dev.postern.internal.content.header;

import dev.postern.internal.octets.Octets;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The pieces of one parameter: {@code name*=}, {@code name*0=}, {@code name*0*=} (RFC 2231 sections 3 and 4), and every value
 * that readers make of them. They go by the numbers or by the order, take the first or the last of two with one number,
 * stop at a number that is missing or do not, and decode all pieces or those that say so.
 */
final class Segments {

    static final int MAX_SEGMENTS = 100;

    /** For a charset that is not known: the extension, which matters here, is US-ASCII in nearly all. */
    private static final Charset ANY = StandardCharsets.ISO_8859_1;

    private static final int NO_NUMBER = -1;

    /** A piece in each way to read a value; in the same place that of the same readers. */
    private record Piece(int number, boolean extended, List<String> texts) {}

    private final List<Piece> pieces = new ArrayList<>(); // as they stand
    private boolean unknownCharset;

    /** Tells whether a suffix is one of RFC 2231, with or without a number. */
    static boolean isNumbered(String suffix) {
        return digits(suffix).chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static String digits(String suffix) {
        return suffix.substring(1, suffix.length() - (suffix.length() > 1 && suffix.endsWith("*") ? 1 : 0));
    }

    /** Adds a piece by what stands behind its name, in each way to read it. Returns what is beyond a bound. */
    Optional<String> add(String suffix, List<String> texts) {
        String digits = digits(suffix);
        boolean extended = digits.isEmpty() || suffix.endsWith("*");
        boolean number = isNumbered(suffix);
        if (number && (digits.length() > 9 || !digits.isEmpty() && Integer.parseInt(digits) >= MAX_SEGMENTS)
                || pieces.size() >= MAX_SEGMENTS) {
            return Optional.of("over " + MAX_SEGMENTS + " segments of a parameter");
        }
        int position = !number ? NO_NUMBER : digits.isEmpty() ? 0 : Integer.parseInt(digits);
        pieces.add(new Piece(position, extended, texts));
        return Optional.empty();
    }

    /** Adds a parameter that is whole, which some readers join with pieces, or with another one. */
    void addWhole(List<String> texts) {
        pieces.add(new Piece(NO_NUMBER, false, texts));
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

    /** Tells whether pieces that were joined name a charset that is not known. */
    boolean nameUnknownCharset() {
        return unknownCharset;
    }

    private void addDecoded(List<Piece> order, Set<String> values) {
        int ways = order.stream().mapToInt(each -> each.texts().size()).max().orElse(0);
        IntStream.range(0, ways)
                .mapToObj(
                        way -> order.stream().map(each -> each.texts().get(way)).toList())
                .distinct() // of most, every reader makes the same
                .forEach(texts -> addDecoded(order, texts, values));
    }

    private void addDecoded(List<Piece> order, List<String> texts, Set<String> values) {
        String begin = texts.get(0);
        String prefix =
                order.get(0).extended() && behindLanguage(begin) > 0 ? begin.substring(0, begin.indexOf('\'')) : "";
        Optional<Charset> known = prefix.isEmpty() ? Optional.of(StandardCharsets.UTF_8) : Charsets.find(prefix);
        unknownCharset |= known.isEmpty();
        Charset charset = known.orElse(ANY);
        ByteArrayOutputStream asSaid = new ByteArrayOutputStream();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < order.size(); i++) {
            boolean extended = order.get(i).extended();
            String text = texts.get(i);
            String content = i == 0 ? text.substring(behindLanguage(text)) : text;
            asSaid.writeBytes(extended ? percentDecoded(content) : text.getBytes(StandardCharsets.UTF_8));
            all.writeBytes(percentDecoded(content));
        }
        values.add(asSaid.toString(charset));
        values.add(all.toString(charset));
        values.add(all.toString(ANY));
        if (known.isEmpty()) {
            Charsets.guesses().forEach(guess -> values.add(guess.apply(all.toByteArray())));
        }
        values.add(String.join("", texts));
    }

    /** Where the text begins behind {@code charset'language'}, which only the first piece has; 0 where it has none. */
    private static int behindLanguage(String piece) {
        int language = piece.indexOf('\'');
        return language < 0 ? 0 : piece.indexOf('\'', language + 1) + 1;
    }

    /** What is not encoded stands for octets as well, whatever the charset, for not every charset can be written. */
    private static byte[] percentDecoded(String piece) {
        return Octets.unescape(piece.getBytes(StandardCharsets.UTF_8), '%');
    }
}
