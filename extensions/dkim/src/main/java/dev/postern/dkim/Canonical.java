package dev.postern.dkim;

import dev.postern.spi.MessageContent;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * A message as DKIM sees it: the header fields that are signed in their canonical form, and the hash of the canonical
 * body.
 */
final class Canonical {

    private static final int BLOCK = 16 * 1024;

    private final HeaderFields fields = new HeaderFields();
    private final BodyHash body = new BodyHash(sha256());

    private Canonical() {}

    /** Reads a message once. */
    static Canonical of(MessageContent content) throws IOException {
        Canonical message = new Canonical();
        byte[] block = new byte[BLOCK];
        try (InputStream in = content.open()) {
            boolean inBody = false;
            for (int count = in.read(block); count >= 0; count = in.read(block)) {
                int from = inBody ? 0 : message.fields.read(block, count);
                inBody |= message.fields.ended();
                message.body.read(block, from, count);
            }
        }
        message.fields.end();
        return message;
    }

    /** The names for h=, in the order in which {@link #header} has them. */
    List<String> signedNames() {
        return fields.signedNames();
    }

    /** The signed fields, each with its line end. */
    byte[] header() {
        return fields.canonical();
    }

    byte[] bodyHash() {
        return body.hash();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has it", e);
        }
    }
}
