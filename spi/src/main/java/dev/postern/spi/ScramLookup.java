package dev.postern.spi;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A {@link ScramDirectory}'s answer about a user. Immutable; {@link #toString()} shows no keys. */
public final class ScramLookup {

    private static final ScramLookup UNKNOWN = new ScramLookup(null, AuthResult.denied());

    private final @Nullable ScramKeys keys;
    private final AuthResult whenProven;

    private ScramLookup(@Nullable ScramKeys keys, AuthResult whenProven) {
        this.keys = keys;
        this.whenProven = whenProven;
    }

    /**
     * The user is known.
     *
     * @param keys the user's keys
     * @param identity who the session acts for when the client has the right password
     * @return the answer
     */
    public static ScramLookup known(ScramKeys keys, Identity identity) {
        return new ScramLookup(keys, AuthResult.authenticated(identity));
    }

    /**
     * The user is known, but the account has no relay service. Only a client that has the right password is told.
     *
     * @param keys the user's keys
     * @return the answer
     */
    public static ScramLookup withoutRelay(ScramKeys keys) {
        return new ScramLookup(keys, AuthResult.relayDisabled());
    }

    /**
     * There is no such user, or none with keys. The client gets a made-up salt of 16 octets and {@link
     * ScramKeys#MIN_ITERATIONS}.
     *
     * @return the answer
     */
    public static ScramLookup unknown() {
        return UNKNOWN;
    }

    /**
     * Like {@link #unknown()}, for a directory whose keys have another number of iterations or salt length, which would
     * tell a client who is unknown.
     *
     * @param like another user's keys, always the same for the same name; the made-up salt has their length, and the
     *     iterations are theirs
     * @return the answer
     */
    public static ScramLookup unknown(ScramKeys like) {
        return new ScramLookup(like, AuthResult.denied());
    }

    /**
     * The user cannot be looked up now. Does not count as a failed login.
     *
     * @param reason for the log, never for the client; without keys
     * @return the answer
     */
    public static ScramLookup unavailable(String reason) {
        return new ScramLookup(null, AuthResult.unavailable(reason));
    }

    /** {@return the user's keys, or the keys that an unknown user's must resemble} */
    public Optional<ScramKeys> keys() {
        return Optional.ofNullable(keys);
    }

    /** {@return the answer if the client's proof is right; "denied" for an unknown user, whose proof is never right} */
    public AuthResult whenProven() {
        return whenProven;
    }

    /** Returns the answer to a right proof. */
    @Override
    public String toString() {
        return "ScramLookup[" + whenProven + "]";
    }
}
