package dev.postern.internal.auth.scram;

import dev.postern.internal.octets.Base64Symbols;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A client-final-message.
 *
 * @param binding the gs2-header of the first message, and what the channel is bound by
 * @param nonce the client's and the server's
 * @param withoutProof the message without its proof
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
public record ClientFinal(byte[] binding, String nonce, byte[] proof, String withoutProof) {

    private static final int LONGEST_MESSAGE = 8192; // the header is in it once more, in base64
    private static final int PROOF_OCTETS = 32;

    /** Reads a message; empty when it is none. */
    public static Optional<ClientFinal> parse(String message) {
        int end = message.lastIndexOf(",p=");
        if (message.length() > LONGEST_MESSAGE || message.indexOf('\0') >= 0 || end < 0) {
            return Optional.empty();
        }
        String withoutProof = message.substring(0, end);
        List<String> attributes = List.of(withoutProof.split(",", -1));
        Optional<byte[]> binding = Attributes.value(attributes, 0, 'c').flatMap(ClientFinal::octets);
        Optional<String> nonce = Attributes.value(attributes, 1, 'r');
        Optional<byte[]> proof = octets(message.substring(end + 3)).filter(octets -> octets.length == PROOF_OCTETS);
        return binding.isPresent()
                        && nonce.isPresent()
                        && proof.isPresent()
                        && Attributes.areExtensions(attributes.subList(2, attributes.size()))
                ? Optional.of(new ClientFinal(binding.get(), nonce.get(), proof.get(), withoutProof))
                : Optional.empty();
    }

    private static Optional<byte[]> octets(String base64) {
        return Base64Symbols.decode(base64.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Returns nothing of it. */
    @Override
    public String toString() {
        return "ClientFinal[masked]";
    }
}
