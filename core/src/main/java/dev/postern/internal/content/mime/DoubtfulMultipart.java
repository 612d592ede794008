package dev.postern.internal.content.mime;

import dev.postern.internal.content.mime.Multipart.Match;
import java.util.List;

/** Looks out for the delimiters of what only some readers take for a multipart: those that do not come up change nothing. */
final class DoubtfulMultipart implements BodyReader {

    private final WholeMessage message;
    private final String path;
    private final List<Multipart> suspects;
    private final String what;

    /** Begins behind a header, or behind the end of a multipart; {@code what} is wrong when a delimiter comes up. */
    DoubtfulMultipart(WholeMessage message, String path, List<String> boundaries, String what) {
        this.message = message;
        this.path = path;
        this.what = what;
        suspects = boundaries.stream()
                .map(each -> new Multipart(List.of(each), 0, false, true))
                .toList();
    }

    @Override
    public boolean indifferent() {
        return true;
    }

    @Override
    public void line(byte[] buffer, int start, int end, boolean first, boolean last, long position) {
        if (!first || end - start < 3 || buffer[start] != '-' || buffer[start + 1] != '-') {
            return;
        }
        for (Multipart each : suspects) {
            message.worked(each.cost());
            if (each.match(buffer, start, end) != Match.CONTENT) {
                message.refuse(path, what);
                return;
            }
        }
    }

    @Override
    public void end(boolean cutOff) {}
}
