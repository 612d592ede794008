package dev.postern.benchmarks;

/** How a connection is protected. */
enum TlsMode {
    NONE,
    STARTTLS,
    IMPLICIT
}
