package dev.postern.spool;

import java.nio.charset.StandardCharsets;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The encoding of ENVID and ORCPT (RFC 3461 section 4). */
final class Xtext {

    private static final Pattern ESCAPE = Pattern.compile("\\+([0-9A-F]{2})");

    private Xtext() {}

    /** What it stands for; a control character, which the relay refuses anyway, becomes a question mark. */
    static String decode(String xtext) {
        String decoded = ESCAPE.matcher(xtext).replaceAll(Xtext::character);
        return new String(decoded.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
                .replaceAll("[\\x00-\\x1f\\x7f-\\x9f]", "?");
    }

    private static String character(MatchResult escape) {
        String character = Character.toString((char) Integer.parseInt(escape.group(1), 16));
        return character.equals("\\") || character.equals("$") ? "\\" + character : character;
    }
}
