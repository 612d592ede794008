package dev.postern.internal.auth.scram;

import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** A client-final-message. */
public final class ClientFinal {

    private static final int LONGEST_MESSAGE = 8192; // the header is in it once more, in base64
    private static final int PROOF_OCTETS = 32;

    private final byte[] binding;
    private final String nonce;
    private final byte[] proof;
    private final String withoutProof;

    private ClientFinal(byte[] binding, String nonce, byte[] proof, String withoutProof) {
        this.binding = binding;
        this.nonce = nonce;
        this.proof = proof;
        this.withoutProof = withoutProof;
    }

    /** The gs2-header of the first message, and what the channel is bound by. */
    byte[] binding() {
        return binding;
    }

    /** The client's and the server's. */
    String nonce() {
        return nonce;
    }

    byte[] proof() {
        return proof;
    }

    /** The message without its proof. */
    String withoutProof() {
        return withoutProof;
    }

    /** Reads a message; empty when it is none. */
    public static Optional<ClientFinal> parse(String message) {
        int end = message.lastIndexOf(",p=");
        if (message.length() > LONGEST_MESSAGE || message.indexOf('\0') >= 0 || end < 0) {
            return Optional.empty();
        }
        String withoutProof = message.substring(0, end);
        List<String> attributes = List.of(withoutProof.split(",", -1));
        Optional<byte[]> binding = Attributes.value(attributes, 0, 'c').flatMap(ClientFinal::base64);
        Optional<String> nonce = Attributes.value(attributes, 1, 'r');
        Optional<byte[]> proof = base64(message.substring(end + 3)).filter(octets -> octets.length == PROOF_OCTETS);
        return binding.isPresent()
                        && nonce.isPresent()
                        && proof.isPresent()
                        && Attributes.areExtensions(attributes.subList(2, attributes.size()))
                ? Optional.of(new ClientFinal(binding.get(), nonce.get(), proof.get(), withoutProof))
                : Optional.empty();
    }

    /** With its padding: what is written in two ways could be signed in one and read in the other. */
    private static Optional<byte[]> base64(String text) {
        try {
            return text.length() % 4 == 0 ? Optional.of(Base64.getDecoder().decode(text)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Returns nothing of it. */
    @Override
    public String toString() {
        return "ClientFinal[masked]";
    }
}
