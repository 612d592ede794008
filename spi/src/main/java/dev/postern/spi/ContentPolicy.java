package dev.postern.spi;

/**
 * A host's own rule about whole messages, asked after the relay's content checks and before the upstream. Called on the
 * session's thread or one of the relay's, concurrently; may block. One that throws, returns null or takes longer than
 * the relay's plug-in time-out refuses temporarily. The same message has the same answer, whatever was asked before. Content
 * is octets, and need not be text in any charset; each stream of it is closed when the call has returned.
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
     * @return the default
     */
    static ContentPolicy acceptAll() {
        return (ContentPolicy & NonBlocking) submission -> Verdict.proceed();
    }
}
