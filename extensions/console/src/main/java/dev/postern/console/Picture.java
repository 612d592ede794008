package dev.postern.console;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * A picture of a mail that a browser may be given: of a kind that has no script and loads nothing, as its octets say and not as
 * the mail does, and small enough to be drawn. Immutable, as long as its octets are.
 */
final class Picture {

    /** Pixels: each takes the browser 4 octets, however few the picture has. */
    private static final long MAX_PIXELS = 16_000_000;

    private static final String PNG = "\u0089PNG\r\n\u001a\n";
    private static final int START_OF_SCAN = 0xda;

    private final String type;
    private final byte[] octets;

    private record Size(long width, long height) {}

    Picture(String type, byte[] octets) {
        this.type = type;
        this.octets = octets;
    }

    /** {@return the picture; empty for all that is none} */
    static Optional<Picture> of(byte[] octets) {
        ByteBuffer in = ByteBuffer.wrap(octets);
        try {
            if (begins(octets, 0, PNG)) {
                return drawable("image/png", octets, new Size(unsigned(in, 16), unsigned(in, 20)));
            } else if (begins(octets, 0, "GIF87a") || begins(octets, 0, "GIF89a")) {
                in.order(ByteOrder.LITTLE_ENDIAN);
                return drawable("image/gif", octets, new Size(in.getChar(6), in.getChar(8)));
            } else if (begins(octets, 0, "\u00ff\u00d8\u00ff")) {
                return drawable("image/jpeg", octets, jpeg(in));
            } else if (begins(octets, 0, "RIFF") && begins(octets, 8, "WEBP")) {
                return drawable("image/webp", octets, webp(octets, in.order(ByteOrder.LITTLE_ENDIAN)));
            }
        } catch (IndexOutOfBoundsException e) {
            return Optional.empty(); // it ends before it says how large it is
        }
        return Optional.empty();
    }

    private static boolean begins(byte[] octets, int at, String sign) {
        byte[] expected = sign.getBytes(StandardCharsets.ISO_8859_1);
        return octets.length >= at + expected.length
                && ByteBuffer.wrap(octets, at, expected.length).equals(ByteBuffer.wrap(expected));
    }

    private static Optional<Picture> drawable(String type, byte[] octets, Size size) {
        long pixels = size.width * size.height;
        boolean isDrawable =
                size.width <= MAX_PIXELS && size.height <= MAX_PIXELS && pixels > 0 && pixels <= MAX_PIXELS;
        return isDrawable ? Optional.of(new Picture(type, octets)) : Optional.empty();
    }

    private static long unsigned(ByteBuffer in, int at) {
        return Integer.toUnsignedLong(in.getInt(at));
    }

    /** Of the first frame's header, which stands behind other segments (ITU-T T.81 annex B). */
    private static Size jpeg(ByteBuffer in) {
        int at = 2;
        while (true) {
            int marker = in.getChar(at);
            int kind = marker & 0xff;
            if (marker < 0xff01 || kind == START_OF_SCAN) {
                return new Size(0, 0);
            }
            boolean isFrame = kind >= 0xc0 && kind <= 0xcf && kind != 0xc4 && kind != 0xc8 && kind != 0xcc;
            if (isFrame) {
                return new Size(in.getChar(at + 7), in.getChar(at + 5));
            }
            boolean isFill = kind == 0xff;
            at += isFill ? 1 : 2 + Math.max(2, in.getChar(at + 2));
        }
    }

    /** Of the first chunk (RFC 9649 section 2.5 to 2.7). */
    private static Size webp(byte[] octets, ByteBuffer in) {
        if (begins(octets, 12, "VP8 ")) {
            return new Size(in.getChar(26) & 0x3fff, in.getChar(28) & 0x3fff);
        } else if (begins(octets, 12, "VP8L")) {
            long bits = unsigned(in, 21);
            return new Size((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
        } else if (begins(octets, 12, "VP8X")) {
            return new Size((unsigned(in, 24) & 0xffffff) + 1, (unsigned(in, 26) >> 8) + 1);
        }
        return new Size(0, 0);
    }

    String type() {
        return type;
    }

    /** {@return characters of {@link #uri}, which is not made for that} */
    long uriLength() {
        return prefix().length() + 4 * ((octets.length + 2L) / 3);
    }

    private String prefix() {
        return "data:" + type + ";base64,";
    }

    /** {@return a URI that has all of it, so that nothing is loaded} */
    String uri() {
        return prefix() + Base64.getEncoder().encodeToString(octets);
    }
}
