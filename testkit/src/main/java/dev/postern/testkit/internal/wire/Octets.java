package dev.postern.testkit.internal.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Octets as text that can be read, and the dot-stuffing of RFC 5321 section 4.5.2. */
public final class Octets {

    private Octets() {}

    public static byte[] of(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether one of them is no US-ASCII. */
    public static boolean areEightBit(byte[] octets) {
        for (byte octet : octets) {
            if (octet < 0) {
                return true;
            }
        }
        return false;
    }

    /** Shows every octet: printable US-ASCII as it is, the rest and the backslash escaped. */
    public static String escape(byte[] octets) {
        StringBuilder text = new StringBuilder(octets.length);
        for (byte octet : octets) {
            switch (octet) {
                case '\r' -> text.append("\\r");
                case '\n' -> text.append("\\n");
                case '\t' -> text.append("\\t");
                case '\\' -> text.append("\\\\");
                default -> {
                    if (octet >= ' ' && octet <= '~') {
                        text.append((char) octet);
                    } else {
                        text.append(String.format("\\x%02x", octet & 0xff));
                    }
                }
            }
        }
        return text.toString();
    }

    /** The octets without their CRLF or LF. */
    public static byte[] withoutLineEnd(byte[] line) {
        int end = line.length;
        if (end > 0 && line[end - 1] == '\n') {
            end--;
            if (end > 0 && line[end - 1] == '\r') {
                end--;
            }
        }
        return java.util.Arrays.copyOf(line, end);
    }

    public static boolean endsWithCrLf(byte[] octets) {
        return octets.length >= 2 && octets[octets.length - 2] == '\r' && octets[octets.length - 1] == '\n';
    }

    /** Content as DATA sends it: dots doubled where a line begins, CRLF at the end, then the final dot. */
    public static byte[] stuffed(byte[] content) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream(content.length + 64);
        int written = 0;
        for (int i = 0; i < content.length; i++) {
            if (content[i] == '.' && (i == 0 || i >= 2 && content[i - 2] == '\r' && content[i - 1] == '\n')) {
                wire.write(content, written, i - written);
                wire.write('.');
                written = i;
            }
        }
        wire.write(content, written, content.length - written);
        if (content.length > 0 && !endsWithCrLf(content)) {
            wire.writeBytes(of("\r\n"));
        }
        wire.writeBytes(of(".\r\n"));
        return wire.toByteArray();
    }

    /** Tells whether a CR or LF stands alone. */
    public static boolean hasBareLineEnd(byte[] octets) {
        for (int i = 0; i < octets.length; i++) {
            boolean loneLf = octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r');
            boolean loneCr = octets[i] == '\r' && (i + 1 == octets.length || octets[i + 1] != '\n');
            if (loneLf || loneCr) {
                return true;
            }
        }
        return false;
    }
}
