package dev.postern.passwords;

import com.ongres.saslprep.SASLprep;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** SASLprep (RFC 4013), by which two ways to type a password are one. */
final class Preparation {

    private static final SASLprep PROFILE = new SASLprep();

    private Preparation() {}

    /** Prepares a password in UTF-8; nothing when it is none that SCRAM can take. To be wiped by the taker. */
    static char[] of(byte[] password) {
        char[] text = {};
        try {
            CharBuffer decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(password));
            text = new char[decoded.remaining()];
            decoded.get(text);
            Arrays.fill(decoded.array(), '\0');
            return PROFILE.prepareStored(text.clone());
        } catch (CharacterCodingException | IllegalArgumentException | IndexOutOfBoundsException e) {
            return new char[0]; // the last one is the library's way to say that nothing is left
        } finally {
            Arrays.fill(text, '\0');
        }
    }
}
