package dev.postern.internal.session;

import dev.postern.internal.plugin.Guarded;
import dev.postern.spi.MessageContent;
import dev.postern.spi.MessageSigner;
import dev.postern.spi.Submission;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the signer's fields on top of each message on its way to the upstream. Safe for use by several threads. */
record Signing(Guarded<MessageSigner> signer) {

    private static final Logger LOG = LoggerFactory.getLogger(Signing.class);
    private static final int MAX_FIELDS = 64 << 10;
    private static final int MAX_LINE = 998; // RFC 5322 section 2.1.1

    /** The message with its fields; empty when it was not signed. */
    Optional<Submission> sign(Submission submission) {
        Optional<String> fields = signer.call(any -> any.sign(submission));
        if (fields.isPresent() && !areFields(fields.get())) {
            LOG.error("MessageSigner returned what is no header field, for message {}", submission.id());
            return Optional.empty();
        }
        return fields.map(known -> submission.withContent(new Signed(known, submission.content())));
    }

    /**
     * Tells whether a text can stand on top of a header section and be nothing but fields there (RFC 5322 section 2.2).
     */
    static boolean areFields(String text) {
        if (text.length() > MAX_FIELDS) {
            return false;
        }
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf("\r\n", start);
            boolean continues = isBlank(text.charAt(start));
            boolean line = end > start
                    && end - start <= MAX_LINE
                    && text.substring(start, end).chars().allMatch(c -> c >= ' ' && c < 0x7f || c == '\t')
                    && (continues
                            ? start > 0 && !text.substring(start, end).isBlank()
                            : isName(text.substring(start, Math.max(start, Math.min(end, text.indexOf(':', start))))));
            if (!line) {
                return false;
            }
            start = end + 2;
        }
        return true;
    }

    private static boolean isName(String name) {
        return !name.isEmpty() && name.chars().allMatch(c -> c > ' ');
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /** The fields, then the message. */
    private record Signed(String fields, MessageContent rest) implements MessageContent {

        @Override
        public long size() {
            return fields.length() + rest.size();
        }

        @Override
        public boolean eightBit() {
            return rest.eightBit();
        }

        @Override
        public InputStream open() throws IOException {
            return new SequenceInputStream(new ByteArrayInputStream(octets()), rest.open());
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            out.write(octets());
            rest.writeTo(out);
        }

        private byte[] octets() {
            return fields.getBytes(StandardCharsets.US_ASCII);
        }
    }
}
