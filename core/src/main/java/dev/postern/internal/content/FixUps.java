package dev.postern.internal.content;

import java.io.IOException;

final class FixUps {
    private FixUps() {}

    static StoredContent apply(
            ContentGate.Settings settings,
            ContentGate.Origin origin,
            HeaderSection header,
            Spool spool,
            boolean eightBit)
            throws IOException {
        return StoredContent.of(new byte[0], spool, new long[0], eightBit);
    }
}
