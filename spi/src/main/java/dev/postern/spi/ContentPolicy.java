package dev.postern.spi;

/**
 * A host's own rule about whole messages, applied after the relay's content checks and before the upstream. Called on
 * the session's thread or a relay thread, concurrently; may block. When it throws, returns null or takes longer than
 * the relay's plug-in time-out, the message is refused temporarily. The same message always gets the same answer.
 * Content is octets, not necessarily text in any charset. Close each content stream before the call returns.
 */
@FunctionalInterface
public interface ContentPolicy {

    /**
     * Judges a message.
     *
     * @param submission the message
     * @return proceed, or the reply to the end of the content; never null
     */
    Verdict check(Submission submission);

    /**
     * Accepts every message.
     *
     * @return the default policy
     */
    static ContentPolicy acceptAll() {
        return (ContentPolicy & NonBlocking) submission -> Verdict.proceed();
    }
}
