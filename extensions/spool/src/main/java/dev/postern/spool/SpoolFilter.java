package dev.postern.spool;

import dev.postern.spi.CanonicalName;
import dev.postern.spi.MailAddress;
import dev.postern.spool.SpooledMessage.State;
import java.util.Optional;

/**
 * Selects messages of a spool; an empty component matches all. Immutable.
 *
 * @param id the id of a single message
 * @param account the sender's account, in canonical form
 * @param domain a recipient's domain, folded
 * @param state what the messages wait for
 */
public record SpoolFilter(
        Optional<String> id, Optional<String> account, Optional<String> domain, Optional<State> state) {

    /** {@return a filter that matches all messages} */
    public static SpoolFilter all() {
        return new SpoolFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * {@return a copy for one message}
     *
     * @param newId the spool's id of the message
     */
    public SpoolFilter withId(String newId) {
        return new SpoolFilter(Optional.of(newId), account, domain, state);
    }

    /**
     * {@return a copy for an account's messages}
     *
     * @param newAccount the account, in any case
     */
    public SpoolFilter withAccount(String newAccount) {
        return new SpoolFilter(id, Optional.of(CanonicalName.ofAccount(newAccount)), domain, state);
    }

    /**
     * {@return a copy for messages with a recipient of a domain}
     *
     * @param newDomain folded by {@link MailAddress#foldDomain} for comparison
     */
    public SpoolFilter withDomain(String newDomain) {
        return new SpoolFilter(id, account, Optional.of(MailAddress.foldDomain(newDomain)), state);
    }

    /**
     * {@return a copy for messages in a state}
     *
     * @param newState what they wait for
     */
    public SpoolFilter withState(State newState) {
        return new SpoolFilter(id, account, domain, Optional.of(newState));
    }
}
