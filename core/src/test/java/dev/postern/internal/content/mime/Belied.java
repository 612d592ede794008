package dev.postern.internal.content.mime;

import dev.postern.internal.content.mime.Signatures.Mode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Holds a name to content as the relay does, for what other programs show of a message. */
public final class Belied {

    private Belied() {}

    /** Tells what is wrong with an attachment. */
    public static Optional<String> by(String name, byte[] content) {
        byte[] sample = Arrays.copyOf(content, Math.min(content.length, Sample.MOST));
        return new Signatures(true).mismatch(List.of(name), sample, Mode.FULL).map(mismatch -> mismatch.what());
    }
}
