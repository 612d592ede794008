package dev.postern.spool;

import dev.postern.spi.CanonicalName;
import dev.postern.spi.MailAddress;
import dev.postern.spool.SpooledMessage.State;
import java.util.Optional;

/**
 * Which messages of a spool; what is empty does not matter. Immutable.
 *
 * @param id one message alone
 * @param account whose account, in its canonical form
 * @param domain a recipient's domain, folded
 * @param state what they wait for
 */
public record SpoolFilter(
        Optional<String> id, Optional<String> account, Optional<String> domain, Optional<State> state) {

    /** {@return all of them} */
    public static SpoolFilter all() {
        return new SpoolFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * {@return a copy for one message}
     *
     * @param newId the spool's id of it
     */
    public SpoolFilter withId(String newId) {
        return new SpoolFilter(Optional.of(newId), account, domain, state);
    }

    /**
     * {@return a copy for an account's messages}
     *
     * @param newAccount in any case
     */
    public SpoolFilter withAccount(String newAccount) {
        return new SpoolFilter(id, Optional.of(CanonicalName.ofAccount(newAccount)), domain, state);
    }

    /**
     * {@return a copy for messages with a recipient of a domain}
     *
     * @param newDomain compared as {@link MailAddress#foldDomain} folds it
     */
    public SpoolFilter withDomain(String newDomain) {
        return new SpoolFilter(id, account, Optional.of(MailAddress.foldDomain(newDomain)), state);
    }

    /**
     * {@return a copy for messages that wait for the same}
     *
     * @param newState for what
     */
    public SpoolFilter withState(State newState) {
        return new SpoolFilter(id, account, domain, Optional.of(newState));
    }
}
