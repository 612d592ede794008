package dev.postern.dkim;

import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageSigner;
import dev.postern.spi.Submission;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * Signs messages with DKIM: relaxed/relaxed (RFC 6376 section 3.4), RSA or Ed25519 with SHA-256, with the From: field
 * oversigned so that no second one can be added. Reads the content once, in blocks, from memory or a file. Thread-safe.
 *
 * <p>Signs the fields of RFC 6376 section 5.4.1, up to 64 KiB in all. A message without a single unambiguous author is
 * sent unsigned: a notification that names none, or any message if the relay does not check From:.
 */
public final class DkimSigner implements MessageSigner {

    private static final int LINE = 76;

    private final DkimKeys keys;

    private DkimSigner(DkimKeys keys) {
        this.keys = keys;
    }

    /**
     * Creates a signer.
     *
     * @param keys selects the keys
     * @return the signer
     */
    public static DkimSigner of(DkimKeys keys) {
        return new DkimSigner(Objects.requireNonNull(keys, "keys"));
    }

    @Override
    public String sign(Submission submission) {
        List<DkimKey> signing = submission
                .author()
                .map(author -> keys.keysFor(submission.identity(), MailAddress.foldDomain(author.domain())))
                .orElse(List.of());
        if (signing.isEmpty()) {
            return "";
        }
        try {
            Canonical message = Canonical.of(submission.content());
            StringBuilder fields = new StringBuilder();
            for (DkimKey key : signing) {
                fields.append(field(key, message, submission.received().getEpochSecond()));
            }
            return fields.toString();
        } catch (IOException e) {
            throw new UncheckedIOException("content cannot be read", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("signing with " + signing, e);
        }
    }

    /** Returns the field of RFC 6376 section 3.5, with its line end. */
    private static String field(DkimKey key, Canonical message, long time) throws GeneralSecurityException {
        StringBuilder tags =
                new StringBuilder("DKIM-Signature: v=1; a=" + key.algorithm() + "; c=relaxed/relaxed;\r\n d="
                        + key.domain() + ";\r\n s=" + key.selector() + "; t=" + time + ";\r\n h=");
        int column = 3;
        for (String name : message.signedNames()) {
            if (column + name.length() > LINE) {
                tags.append("\r\n  ");
                column = 2;
            }
            tags.append(name).append(':');
            column += name.length() + 1;
        }
        tags.setLength(tags.length() - 1);
        tags.append(";\r\n bh=").append(base64(message.bodyHash())).append(";\r\n b=");
        String canonical = "dkim-signature:"
                + tags.substring("DKIM-Signature: ".length())
                        .replace("\r\n", "")
                        .replaceAll(" +", " ");
        String signature = base64(signature(key, message.header(), canonical.getBytes(StandardCharsets.US_ASCII)));
        for (int i = 0; i < signature.length(); i += LINE - 3) {
            tags.append(i == 0 ? "" : "\r\n  ").append(signature, i, Math.min(signature.length(), i + LINE - 3));
        }
        return tags.append("\r\n").toString();
    }

    private static byte[] signature(DkimKey key, byte[] header, byte[] ownField) throws GeneralSecurityException {
        boolean ed25519 = key.algorithm().startsWith("ed25519");
        Signature signature = Signature.getInstance(ed25519 ? "Ed25519" : "SHA256withRSA");
        signature.initSign(key.privateKey());
        if (ed25519) {
            // Ed25519 signs the hash as if it were the message (RFC 8463 section 3)
            MessageDigest digest = Canonical.sha256();
            digest.update(header);
            signature.update(digest.digest(ownField));
        } else {
            signature.update(header);
            signature.update(ownField);
        }
        return signature.sign();
    }

    private static String base64(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }
}
