package dev.postern.spi;

/**
 * Has the keys of users who log in by SCRAM (RFC 5802), in which the password itself is never shown: the relay checks the
 * client's proof, and the client that of the relay. Called on the session's thread or one of the relay's, concurrently for
 * different sessions. May block. When a directory throws, returns null or takes longer than the relay's plug-in time-out, the
 * client gets {@link StandardReply#AUTH_UNAVAILABLE}.
 *
 * <p>Rules:
 *
 * <ul>
 *   <li>It takes the same time for an unknown user as for a known one.
 *   <li>An unknown user looks like a known one: {@link ScramLookup#unknown(ScramKeys)} with keys of the same length of salt and
 *       number of iterations, for the same name always the same.
 *   <li>The case of a name does not matter: look users up by {@link CanonicalName#ofUser}.
 *   <li>Neither its answers nor its exceptions, causes included, show keys: the relay logs both.
 *   <li>Counting failures is the {@link LoginThrottle}'s job.
 *   <li>When it cannot look, its answer is "unavailable", never "unknown".
 *   <li>A mechanism is offered to everybody, and many clients take SCRAM where they can: every user should have keys.
 * </ul>
 */
@FunctionalInterface
public interface ScramDirectory {

    /**
     * Looks a user up.
     *
     * @param username the name that the client gave, prepared by SASLprep (RFC 4013); not empty. Escape it before it goes to
     *     a log
     * @param client what is known of the client
     * @return what there is, never null
     */
    ScramLookup find(String username, ClientInfo client);
}
