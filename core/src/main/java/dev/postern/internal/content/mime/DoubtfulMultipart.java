package dev.postern.internal.content.mime;

import dev.postern.internal.content.mime.Multipart.Match;
import java.util.List;

/** Looks out for the delimiters of what only some readers take for a multipart: those that do not come up change nothing. */
final class DoubtfulMultipart implements BodyReader {

    private final WholeMessage message;
    private final String path;
    private final List<Multipart> suspects;

    DoubtfulMultipart(WholeMessage message, String path, List<String> boundaries) {
        this.message = message;
        this.path = path;
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
                message.refuse(path, "Content-Type can be read in two ways, as a multipart and not");
                return;
            }
        }
    }

    @Override
    public void end(boolean cutOff) {}
}
