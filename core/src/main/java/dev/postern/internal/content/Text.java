package dev.postern.internal.content;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Header octets as text. */
final class Text {

    private Text() {}

    /** Decodes UTF-8 (RFC 6532 section 3.2), strictly. */
    static Optional<String> utf8(byte[] octets, int offset, int length) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets, offset, length))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** Decodes UTF-8, or what every octet sequence is. */
    static String decode(byte[] octets, int offset, int length) {
        return utf8(octets, offset, length)
                .orElseGet(() -> new String(octets, offset, length, StandardCharsets.ISO_8859_1));
    }
}
