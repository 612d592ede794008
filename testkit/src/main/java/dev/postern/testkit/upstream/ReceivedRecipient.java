package dev.postern.testkit.upstream;

import java.util.List;

/**
 * A recipient that a {@link FakeUpstream} has accepted.
 *
 * @param address the text between the angle brackets
 * @param parameters the ESMTP parameters of RCPT as received, in order
 */
public record ReceivedRecipient(String address, List<String> parameters) {

    /**
     * Copies the parameters.
     *
     * @param address as {@link #address()}
     * @param parameters as {@link #parameters()}
     */
    public ReceivedRecipient {
        parameters = List.copyOf(parameters);
    }
}
