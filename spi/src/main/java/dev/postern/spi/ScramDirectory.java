package dev.postern.spi;

/**
 * Looks up the keys of users who log in by SCRAM (RFC 5802), which never sends the password itself: the relay checks
 * the client's proof, and the client checks the relay's. Called on the session's thread or a relay thread, concurrently
 * for different sessions. May block. When a directory throws, returns null or takes longer than the relay's plug-in
 * time-out, the client gets {@link StandardReply#AUTH_UNAVAILABLE}.
 *
 * <p>Rules:
 *
 * <ul>
 *   <li>An unknown user takes the same time as a known one.
 *   <li>An unknown user looks like a known one: {@link ScramLookup#unknown(ScramKeys)} with keys of the same salt
 *       length and number of iterations, always the same for the same name.
 *   <li>The case of a name does not matter: look users up by {@link CanonicalName#ofUser}.
 *   <li>Answers and exceptions, including causes, never reveal keys: the relay logs both.
 *   <li>Counting failures is the {@link LoginThrottle}'s job.
 *   <li>A directory that cannot look a user up answers "unavailable", never "unknown".
 *   <li>A mechanism is offered to all clients, and many prefer SCRAM when it is offered, so every user should have
 *       keys.
 * </ul>
 */
@FunctionalInterface
public interface ScramDirectory {

    /**
     * Looks a user up.
     *
     * @param username the name that the client gave, prepared by SASLprep (RFC 4013); not empty. Escape it before
     *     logging it
     * @param client what is known of the client
     * @return the answer, never null
     */
    ScramLookup find(String username, ClientInfo client);
}
