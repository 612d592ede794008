package dev.postern.spool;

import dev.postern.spi.MessageContent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Content in memory. */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record Octets(byte[] octets, boolean eightBit) implements MessageContent {

    static Octets of(byte[] octets) {
        return new Octets(octets, !areAscii(octets));
    }

    static boolean areAscii(byte[] octets) {
        for (byte octet : octets) {
            if (octet < 0) {
                return false;
            }
        }
        return true;
    }

    /** Of what is short, so that the transaction does not wait for it; the content itself when it is longer. */
    static MessageContent orAsItIs(MessageContent content, int longest) throws IOException {
        if (content.size() > longest) {
            return content;
        }
        try (InputStream in = content.open()) {
            byte[] octets = in.readNBytes((int) content.size());
            if (octets.length < content.size()) {
                throw new IOException("the content ends too early");
            }
            return new Octets(octets, content.eightBit());
        }
    }

    @Override
    public long size() {
        return octets.length;
    }

    @Override
    public InputStream open() {
        return new ByteArrayInputStream(octets);
    }
}
