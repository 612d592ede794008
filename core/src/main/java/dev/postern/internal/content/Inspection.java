package dev.postern.internal.content;

import java.util.Optional;

final class Inspection {
    private final HeaderSection header = new HeaderSection();

    Inspection(ContentGate.Settings settings) {}

    void accept(byte[] buffer, int offset, int length) {}

    void end() {}

    Optional<String> defect() {
        return Optional.empty();
    }

    HeaderSection header() {
        return header;
    }
}
