package dev.postern.internal.content.header;

import dev.postern.internal.octets.Base64Symbols;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decodes encoded words (RFC 2047) wherever they stand, also next to each other or within a word, where the RFC does not
 * allow them and some readers decode them all the same. Not by jakarta.mail, which decodes fewer, and searches the class
 * path for each.
 */
final class EncodedWords {

    /** Charset, with a language that does not matter (RFC 2231 section 5), encoding and text. */
    private static final Pattern WORD =
            Pattern.compile("=\\?([^?*\\s]{1,80}+)(?:\\*[^?\\s]{0,80}+)?\\?([bBqQ])\\?([^?]*+)\\?=");

    /** Blanks between two encoded words are not shown (RFC 2047 section 6.2). */
    private static final Pattern BETWEEN = Pattern.compile("\\?=\\s++=\\?");

    private EncodedWords() {}

    static String decode(String text) {
        return decode(text, null);
    }

    /** What readers make of encoded words one by one: those in a charset that is not known they leave as they stand, or guess. */
    static Set<String> plainReadings(String text) {
        Set<String> readings = new LinkedHashSet<>();
        readings.add(decode(text));
        if (namesUnknownCharset(text)) {
            Charsets.guesses().forEach(guess -> readings.add(decode(text, guess)));
        }
        return readings;
    }

    /** Everything that readers make of encoded words, those too that are none by the RFC, or only together. */
    static Set<String> readings(String text) {
        Set<String> readings = plainReadings(text);
        List<Piece> plain = pieces(text);
        addJoined(plain, readings);
        if (mayHoldMore(plain)) {
            addJoined(lenientPieces(text), readings);
        }
        return readings;
    }

    private static void addJoined(List<Piece> pieces, Set<String> readings) {
        boolean guessed = false;
        boolean base64 = false;
        boolean several = false;
        for (int i = 0; i < pieces.size(); i++) {
            guessed |= pieces.get(i).isToBeGuessed();
            base64 |= pieces.get(i).encoding() == 'b';
            several |= i > 0 && pieces.get(i - 1).goesOn(pieces.get(i));
        }
        for (Join join : base64 ? Join.values() : several ? new Join[] {Join.OCTETS} : new Join[] {Join.NOT}) {
            readings.add(joined(pieces, join, null));
            if (guessed) {
                Charsets.guesses().forEach(guess -> readings.add(joined(pieces, join, guess)));
            }
        }
    }

    /** Tells whether there is an encoded word in a charset that is not known. */
    static boolean namesUnknownCharset(String text) {
        if (!text.contains("=?")) {
            return false;
        }
        int behind = 0;
        boolean more = false;
        Matcher word = WORD.matcher(text);
        while (word.find()) {
            if (Charsets.find(word.group(1)).isEmpty()) {
                return true;
            }
            more |= text.indexOf("=?", behind) < word.start();
            behind = word.end();
        }
        more |= text.indexOf("=?", behind) >= 0;
        return more && lenientPieces(text).stream().anyMatch(Piece::isOfUnknownCharset);
    }

    /** Tells whether there is something between the words that looks like the beginning of one. */
    private static boolean mayHoldMore(List<Piece> pieces) {
        return pieces.stream().anyMatch(each -> !each.isWord() && each.text().contains("=?"));
    }

    /** How readers join words of one charset that stand side by side (RFC 2047 section 5 forbids to split a character). */
    private enum Join {
        /** They do not. */
        NOT,
        /** They decode each word, and then all octets. */
        OCTETS,
        /** They take several words in base64 for a long one; those who do know of the letters for URLs as well. */
        TEXT
    }

    /** An encoded word, or with an encoding of 0 what stands between two. */
    private record Piece(String charset, char encoding, String text) {

        boolean isWord() {
            return encoding != 0;
        }

        boolean isOfUnknownCharset() {
            return isWord() && !charset.isEmpty() && Charsets.find(charset).isEmpty();
        }

        /** Of UTF-16 and its kin, readers differ in the order of octets; read as US-ASCII, each order shows the extension. */
        boolean isToBeGuessed() {
            return isOfUnknownCharset()
                    || isWord()
                            && Charsets.find(charset).filter(Charsets::isWide).isPresent();
        }

        boolean goesOn(Piece next) {
            return isWord() && next.isWord() && charset.equalsIgnoreCase(next.charset);
        }
    }

    private static List<Piece> pieces(String text) {
        List<Piece> pieces = new ArrayList<>();
        int behind = 0;
        Matcher word = WORD.matcher(text);
        while (word.find()) {
            addText(text, behind, word.start(), pieces);
            pieces.add(new Piece(word.group(1), encoding(word.group(2)), word.group(3)));
            behind = word.end();
        }
        addText(text, behind, text.length(), pieces);
        return pieces;
    }

    /** Words as those find them who let a question mark be in the text, blanks round the charset, and no charset at all. */
    private static List<Piece> lenientPieces(String text) {
        List<Piece> pieces = new ArrayList<>();
        int behind = 0;
        int start = text.indexOf("=?");
        while (start >= 0) {
            int charset = text.indexOf('?', start + 2);
            int encoding = charset < 0 ? -1 : text.indexOf('?', charset + 1);
            if (encoding < 0) {
                break;
            }
            char letter = encoding(text.substring(charset + 1, encoding).strip());
            if (letter == 0) {
                start = text.indexOf("=?", start + 2);
                continue;
            }
            int end = text.indexOf("?=", encoding + 1);
            if (end < 0) {
                break; // nor has another one an end
            }
            String name = text.substring(start + 2, charset);
            int language = name.indexOf('*');
            addText(text, behind, start, pieces);
            pieces.add(new Piece(
                    (language < 0 ? name : name.substring(0, language)).strip(),
                    letter,
                    text.substring(encoding + 1, end)));
            behind = end + 2;
            start = text.indexOf("=?", behind);
        }
        addText(text, behind, text.length(), pieces);
        return pieces;
    }

    private static char encoding(String letter) {
        return letter.equalsIgnoreCase("b") ? 'b' : letter.equalsIgnoreCase("q") ? 'q' : 0;
    }

    /** Adds what is no word; between two, blanks are not shown. */
    private static void addText(String text, int from, int to, List<Piece> pieces) {
        String between = text.substring(from, to);
        boolean inside = from > 0 && to < text.length();
        if (!between.isEmpty() && !(inside && between.isBlank())) {
            pieces.add(new Piece("", (char) 0, between));
        }
    }

    private static String joined(List<Piece> pieces, Join join, @Nullable Function<byte[], String> guess) {
        StringBuilder shown = new StringBuilder();
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        StringBuilder base64 = new StringBuilder();
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            if (!piece.isWord()) {
                shown.append(piece.text());
                continue;
            }
            boolean more = join != Join.NOT && i + 1 < pieces.size() && piece.goesOn(pieces.get(i + 1));
            if (piece.encoding() == 'q') {
                quotedPrintable(piece.text(), octets);
            } else {
                base64.append(piece.text());
                if (!more || join != Join.TEXT || pieces.get(i + 1).encoding() == 'q') {
                    addBase64(base64.toString(), join, octets);
                    base64.setLength(0);
                }
            }
            if (!more) {
                shown.append(text(piece.charset(), octets.toByteArray(), guess));
                octets.reset();
            }
        }
        return shown.toString();
    }

    private static String text(String charset, byte[] octets, @Nullable Function<byte[], String> guess) {
        Optional<Charset> known = charset.isEmpty() ? Optional.of(StandardCharsets.UTF_8) : Charsets.find(charset);
        if (guess != null && (known.isEmpty() || Charsets.isWide(known.get()))) {
            return guess.apply(octets);
        }
        return new String(octets, known.orElse(StandardCharsets.ISO_8859_1));
    }

    /** As lenient readers do: passes over what is no symbol, and over bits that are left. */
    private static void addBase64(String text, Join join, ByteArrayOutputStream octets) {
        int bits = 0;
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (join == Join.TEXT && (c == '-' || c == '_')) {
                c = c == '-' ? '+' : '/';
            }
            byte symbol = c < 0x80 ? Base64Symbols.valueOf((byte) c) : Base64Symbols.BLANK;
            if (symbol == Base64Symbols.PADDING) {
                if (join == Join.OCTETS && count > 0) {
                    break; // who joins octets takes it for the end
                }
                count = 0;
            } else if (symbol >= 0) {
                bits = bits << 6 | symbol;
                count += 6;
                if (count >= 8) {
                    count -= 8;
                    octets.write(bits >> count);
                }
            }
        }
    }

    private static String decode(String text, @Nullable Function<byte[], String> guess) {
        if (!text.contains("=?")) {
            return text;
        }
        return WORD.matcher(BETWEEN.matcher(text).replaceAll("?==?"))
                .replaceAll(word -> Matcher.quoteReplacement(decode(word, guess)));
    }

    private static String decode(MatchResult word, @Nullable Function<byte[], String> guess) {
        Optional<Charset> charset = Charsets.find(word.group(1));
        if (charset.isEmpty() && guess == null) {
            return word.group(); // shown as it stands
        }
        boolean base64 = word.group(2).equalsIgnoreCase("b");
        try {
            byte[] octets = base64
                    ? Base64.getMimeDecoder().decode(word.group(3).getBytes(StandardCharsets.ISO_8859_1))
                    : quotedPrintable(word.group(3), new ByteArrayOutputStream())
                            .toByteArray();
            return charset.isPresent() || guess == null
                    ? new String(octets, charset.orElseThrow())
                    : guess.apply(octets);
        } catch (IllegalArgumentException e) {
            return word.group(); // no base64
        }
    }

    /** The Q encoding (RFC 2047 section 4.2); what is no escape stands for itself. */
    private static ByteArrayOutputStream quotedPrintable(String text, ByteArrayOutputStream octets) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = c == '=' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
            if (low >= 0) {
                octets.write(high << 4 | low);
                i += 2;
            } else {
                octets.write(c == '_' ? ' ' : c);
            }
        }
        return octets;
    }
}
