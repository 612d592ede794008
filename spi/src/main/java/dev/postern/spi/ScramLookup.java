package dev.postern.spi;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a {@link ScramDirectory} says of a user. Immutable; {@link #toString()} shows no keys. */
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
     * @param keys the user's
     * @param identity who the session acts for when the client has the right password
     * @return the answer
     */
    public static ScramLookup known(ScramKeys keys, Identity identity) {
        return new ScramLookup(keys, AuthResult.authenticated(identity));
    }

    /**
     * The user is known, and the account has no relay service; told only to a client that has the right password.
     *
     * @param keys the user's
     * @return the answer
     */
    public static ScramLookup withoutRelay(ScramKeys keys) {
        return new ScramLookup(keys, AuthResult.relayDisabled());
    }

    /**
     * There is no such user, or none with keys. The client is shown a made-up salt of 16 octets and {@link
     * ScramKeys#MIN_ITERATIONS}.
     *
     * @return the answer
     */
    public static ScramLookup unknown() {
        return UNKNOWN;
    }

    /**
     * The same for a directory whose keys have other iterations or another length of salt, by which a client could tell who
     * is unknown.
     *
     * @param like keys of another user, always the same for the same name; the made-up salt is as long as theirs, and the
     *     iterations are as many
     * @return the answer
     */
    public static ScramLookup unknown(ScramKeys like) {
        return new ScramLookup(like, AuthResult.denied());
    }

    /**
     * Cannot be said now. Not a failed login.
     *
     * @param reason for the log, never for the client; without keys
     * @return the answer
     */
    public static ScramLookup unavailable(String reason) {
        return new ScramLookup(null, AuthResult.unavailable(reason));
    }

    /** {@return the user's keys, or those that an unknown user's are to look like} */
    public Optional<ScramKeys> keys() {
        return Optional.ofNullable(keys);
    }

    /** {@return what the right proof is worth; "denied" for an unknown user, whose proof is never right} */
    public AuthResult whenProven() {
        return whenProven;
    }

    /** Returns what a proof would be worth. */
    @Override
    public String toString() {
        return "ScramLookup[" + whenProven + "]";
    }
}
