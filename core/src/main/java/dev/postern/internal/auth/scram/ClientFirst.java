package dev.postern.internal.auth.scram;

import java.util.List;
import java.util.Optional;

/**
 * A client-first-message.
 *
 * @param binding what the client says of channel binding
 * @param bindingType the one that it uses; empty unless it does
 * @param authorization who it wants to act for; empty for the user
 * @param user as it stands there, not prepared
 * @param header the gs2-header, which is repeated in the last message
 * @param bare the message without it
 */
public record ClientFirst(
        Binding binding,
        String bindingType,
        String authorization,
        String user,
        String nonce,
        String header,
        String bare) {

    /** What a client says of channel binding (RFC 5802 section 6). */
    public enum Binding {
        /** It has none. */
        UNSUPPORTED,
        /** It has, and believes that the server has not. */
        NOT_OFFERED,
        /** It uses one. */
        USED
    }

    private static final int LONGEST_MESSAGE = 4096;
    private static final int LONGEST_NONCE = 200; // and what the server adds fits into a line of a reply

    /** Reads a message; empty when it is none. */
    public static Optional<ClientFirst> parse(String message) {
        int flagEnd = message.indexOf(',');
        int headerEnd = message.indexOf(',', flagEnd + 1);
        if (message.length() > LONGEST_MESSAGE || message.indexOf('\0') >= 0 || flagEnd < 0 || headerEnd < 0) {
            return Optional.empty();
        }
        String flag = message.substring(0, flagEnd);
        String bare = message.substring(headerEnd + 1);
        List<String> attributes = List.of(bare.split(",", -1));
        Optional<String> user = Attributes.value(attributes, 0, 'n').flatMap(Attributes::name);
        Optional<String> nonce = Attributes.value(attributes, 1, 'r');
        Optional<String> authorization = authorization(message.substring(flagEnd + 1, headerEnd));
        boolean wellFormed = user.isPresent()
                && authorization.isPresent()
                && nonce.isPresent()
                && Attributes.isNonce(nonce.get(), LONGEST_NONCE)
                && Attributes.areExtensions(attributes.subList(2, attributes.size()));
        return wellFormed
                ? binding(flag)
                        .map(binding -> new ClientFirst(
                                binding,
                                binding == Binding.USED ? flag.substring(2) : "",
                                authorization.get(),
                                user.get(),
                                nonce.get(),
                                message.substring(0, headerEnd + 1),
                                bare))
                : Optional.empty();
    }

    private static Optional<Binding> binding(String flag) {
        return switch (flag) {
            case "n" -> Optional.of(Binding.UNSUPPORTED);
            case "y" -> Optional.of(Binding.NOT_OFFERED);
            default -> flag.matches("p=[A-Za-z0-9.-]+") ? Optional.of(Binding.USED) : Optional.empty();
        };
    }

    private static Optional<String> authorization(String attribute) {
        return attribute.isEmpty()
                ? Optional.of("")
                : Attributes.value(List.of(attribute), 0, 'a').flatMap(Attributes::name);
    }

    /** Returns nothing of it. */
    @Override
    public String toString() {
        return "ClientFirst[" + binding + "]";
    }
}
