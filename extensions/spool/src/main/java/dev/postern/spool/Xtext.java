package dev.postern.spool;

import java.nio.charset.StandardCharsets;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The encoding of ENVID and ORCPT (RFC 3461 section 4). */
final class Xtext {

    private static final Pattern ESCAPE = Pattern.compile("\\+([2-6][0-9A-F]|7[0-9A-E])");

    private Xtext() {}

    /**
     * What it stands for in US-ASCII, which is all that RFC 3461 has it stand for (sections 4.2 and 4.4). Anything else
     * stays as it is encoded, for a delivery-status has no 8-bit octets (RFC 3464 section 2.1).
     */
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
