package dev.postern.internal.auth.scram;

import dev.postern.spi.ScramKeys;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a server says and computes in one exchange of SCRAM-SHA-256 (RFC 5802 section 3, RFC 7677). Hand-written: the libraries
 * that are kept well are clients, or keep the salted password, which is as good as the password to whoever finds it.
 */
public final class ServerSide {

    private static final String HMAC = "HmacSHA256";

    private final ClientFirst first;
    private final ScramKeys keys;
    private final String nonce;
    private final String message;

    /** Answers a client's first message, by a nonce of visible US-ASCII without a comma that was never used before. */
    public ServerSide(ClientFirst first, ScramKeys keys, String serverNonce) {
        this.first = first;
        this.keys = keys;
        this.nonce = first.nonce() + serverNonce;
        this.message =
                "r=" + nonce + ",s=" + Base64.getEncoder().encodeToString(keys.salt()) + ",i=" + keys.iterations();
    }

    public String firstMessage() {
        return message;
    }

    /** Whether the message belongs to this exchange and this channel; otherwise its proof proves nothing. */
    public boolean continues(ClientFinal last, byte[] channelBinding) {
        byte[] header = first.header().getBytes(StandardCharsets.UTF_8);
        byte[] expected = new byte[header.length + channelBinding.length];
        System.arraycopy(header, 0, expected, 0, header.length);
        System.arraycopy(channelBinding, 0, expected, header.length, channelBinding.length);
        return last.nonce().equals(nonce) && MessageDigest.isEqual(expected, last.binding());
    }

    /** Whether the client has the password. */
    public boolean isProven(ClientFinal last) {
        byte[] clientKey = hmac(keys.storedKey(), authMessage(last));
        for (int i = 0; i < clientKey.length; i++) {
            clientKey[i] ^= last.proof()[i];
        }
        return MessageDigest.isEqual(sha256(clientKey), keys.storedKey());
    }

    /** {@return the server-final-message, by which the client sees that the server has its keys} */
    public String finalMessage(ClientFinal last) {
        return "v=" + Base64.getEncoder().encodeToString(hmac(keys.serverKey(), authMessage(last)));
    }

    private String authMessage(ClientFinal last) {
        return first.bare() + "," + message + "," + last.withoutProof();
    }

    /** HMAC of RFC 5802 section 2.2, by SHA-256. */
    public static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + HMAC, e);
        }
    }

    private static byte[] sha256(byte[] octets) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(octets);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
