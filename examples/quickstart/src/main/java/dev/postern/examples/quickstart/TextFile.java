package dev.postern.examples.quickstart;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads small files of text that an option names. */
final class TextFile {

    private static final int MAX_OCTETS = 1 << 20;

    private TextFile() {}

    /** Reads a file of 1 MiB at most; an error names the option. */
    static String read(String option, Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] octets = in.readNBytes(MAX_OCTETS + 1);
            if (octets.length > MAX_OCTETS) {
                throw new WrongArgumentException(option + ": " + file + " has more than 1 MiB");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
        } catch (NoSuchFileException e) {
            throw new WrongArgumentException(option + ": there is no file " + file);
        } catch (CharacterCodingException e) {
            throw new WrongArgumentException(option + ": cannot read " + file + " as UTF-8 text");
        } catch (IOException e) {
            throw new WrongArgumentException(
                    option + ": cannot read " + file + "; name a file that this user may read");
        }
    }

    /** Reads a secret. */
    static String secret(String option, Path file) {
        // an editor ends the only line, and that is not part of the secret
        return read(option, file).replaceFirst("\\R\\z", "");
    }
}
