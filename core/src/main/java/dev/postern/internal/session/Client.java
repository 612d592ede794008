package dev.postern.internal.session;

import dev.postern.spi.Reply;
import dev.postern.spi.TlsInfo;
import java.io.IOException;
import java.util.Optional;

/**
 * The client of a session, from which the session pulls what it is to do next. Used by the session's thread.
 *
 * <p>A wait that lasts too long, or that somebody ends, throws {@link dev.postern.internal.time.DeadlineException}, after
 * which a farewell can still be said; another {@link IOException} means that nobody listens any more. What is received
 * stays in the client's buffer, which is the session's until the next wait.
 */
public interface Client {

    /** Waits for a line: a command, or an answer of an AUTH exchange. */
    Line line() throws IOException;

    /** Makes ready for octets that are no lines; to be closed when the last of them was taken. */
    Content content();

    /** Shakes hands at once, on a connection of which nothing is unread. Pending replies leave in clear before. */
    TlsInfo startTls() throws IOException;

    /**
     * What binds a login to this connection (RFC 5056) by a type such as {@code tls-exporter}; empty when it has none
     * of it.
     */
    default Optional<byte[]> channelBinding(String type) {
        return Optional.empty();
    }

    /** Takes a reply, to be sent before the next wait at the latest (RFC 2920 section 3.2). */
    void say(Reply reply);

    /** Sends at once what was said, for what comes next may last and is no wait for the client. */
    void flush() throws IOException;

    /** Whether something was received that the session has not taken yet. */
    boolean hasUnread();

    /** Whether the relay stops, so that a session is to end as soon as no message is under way. */
    boolean draining();

    /** Whether nobody waits for a reply any more, as far as that can be seen without a wait. */
    boolean gone();

    /** How many octets were received, as they are within TLS. */
    long received();

    /** How many octets were sent, as they are within TLS. */
    long sent();

    /** Content on its way in. */
    interface Content extends AutoCloseable {

        /** Waits until an octet is there. Returns how many are, at {@link #position()} of {@link #buffer()}. */
        int await() throws IOException;

        byte[] buffer();

        int position();

        /** Takes the first octets of those that are there; the rest is for the next command. */
        void take(int octets);

        @Override
        void close();
    }
}
