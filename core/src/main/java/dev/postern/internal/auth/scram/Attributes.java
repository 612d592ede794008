package dev.postern.internal.auth.scram;

import java.util.List;
import java.util.Optional;

/** Attributes of a message: a letter, "=", a value; with commas between (RFC 5802 sections 5.1 and 7). */
public final class Attributes {

    private Attributes() {}

    /** The value of the attribute that has to stand at an index; empty when another one does. */
    static Optional<String> value(List<String> attributes, int index, char name) {
        boolean there = index < attributes.size()
                && attributes.get(index).length() > 2
                && attributes.get(index).charAt(0) == name
                && attributes.get(index).charAt(1) == '=';
        return there ? Optional.of(attributes.get(index).substring(2)) : Optional.empty();
    }

    /** Whether what follows are extensions that a server may ignore; "m" is none of them. */
    static boolean areExtensions(List<String> attributes) {
        return attributes.stream()
                .allMatch(attribute -> attribute.length() > 2
                        && isLetter(attribute.charAt(0))
                        && attribute.charAt(0) != 'm'
                        && attribute.charAt(1) == '=');
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    /** Reads a saslname, in which two characters are escaped, and which is not empty; empty when it is none. */
    public static Optional<String> name(String escaped) {
        boolean wellFormed = !escaped.isEmpty()
                && escaped.replace("=2C", "").replace("=3D", "").indexOf('=') < 0;
        return wellFormed ? Optional.of(escaped.replace("=2C", ",").replace("=3D", "=")) : Optional.empty();
    }

    /** Whether a text can be a nonce: visible US-ASCII without a comma. */
    static boolean isNonce(String text, int longest) {
        return text.length() <= longest && text.chars().allMatch(c -> c > ' ' && c <= '~' && c != ',');
    }
}
