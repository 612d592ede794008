package dev.postern.internal.reply;

import dev.postern.spi.Reply;
import org.jspecify.annotations.Nullable;

/**
 * What a peer may have had a part in, for a log line: printable US-ASCII, so that nobody writes lines of his own into
 * it.
 */
public final class Printable {

    private static final int MAX_TEXT = 400;
    private static final int MAX_CAUSES = 10;

    private Printable() {}

    /** Makes a text of an exception, a reply or an event, and cuts it to what a line can bear. */
    public static String of(Object foreign) {
        return Reply.printable(foreign.toString(), MAX_TEXT);
    }

    /** A host and a port; an IPv6 address has brackets around it (RFC 3986 section 3.2.2). */
    public static String hostAndPort(String host, int port) {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    /** Makes a failure whose text may quote a peer one that can be logged with its stack trace. */
    public static Throwable failure(Throwable failure) {
        int causes = 0;
        for (Throwable each = failure; each != null && causes <= MAX_CAUSES; each = each.getCause()) {
            if (!Printable.of(each).equals(each.toString())) {
                return new PrintableFailure(failure, 0);
            }
            causes++;
        }
        return failure;
    }

    /** Stands for a failure, in a log alone. */
    private static final class PrintableFailure extends Exception {

        private static final long serialVersionUID = 1L;

        PrintableFailure(Throwable failure, int depth) {
            super(Printable.of(failure), causeOf(failure, depth), false, true);
            setStackTrace(failure.getStackTrace());
        }

        private static @Nullable Throwable causeOf(Throwable failure, int depth) {
            Throwable cause = failure.getCause();
            return cause == null || depth == MAX_CAUSES ? null : new PrintableFailure(cause, depth + 1);
        }
    }
}
