package dev.postern.internal.content;

final class Signatures {
    private Signatures() {}

    static void load() {}
}
