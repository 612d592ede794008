package dev.postern.internal.content.mime;

import dev.postern.internal.octets.Base64Symbols;

/**
 * Looks out for a body without a name that is to be base64 and has nothing of it. Where there is some, readers make of it what
 * they can, which endangers nobody.
 */
final class UndecodableBody implements BodyReader {

    private final WholeMessage message;
    private final String path;
    private boolean anything;
    private boolean decodable;

    UndecodableBody(WholeMessage message, String path) {
        this.message = message;
        this.path = path;
    }

    @Override
    public boolean indifferent() {
        return decodable;
    }

    @Override
    public void line(byte[] buffer, int start, int end, boolean first, boolean last, long position) {
        for (int i = start; i < end && !decodable; i++) {
            byte symbol = Base64Symbols.valueOf(buffer[i]);
            decodable = symbol >= 0;
            anything |= symbol != Base64Symbols.BLANK;
        }
    }

    @Override
    public void end(boolean cutOff) {
        if (anything && !decodable) {
            message.refuse(path, "undecodable base64, nothing of it is any (RFC 2045 section 6.8)");
        }
    }
}
