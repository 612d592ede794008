package dev.postern.benchmarks;

/** What goes wrong while mail flows. */
enum Scenario {
    /** The upstream crashes four times, each time with a message that it has and did not answer, and comes back. */
    UPSTREAM_RESTARTED(1),
    /** The upstream falls silent twice, for good on the connections that are open. */
    UPSTREAM_BLACK_HOLED(1),
    /** The first of two upstreams falls silent, and speaks again later. */
    ONE_OF_TWO_BLACK_HOLED(2),
    /** Two of four upstreams, the first among them, crash and come back. */
    HALF_OF_THE_UPSTREAMS_DOWN(4),
    /** The upstream is slow twice, and more clients want a connection than the relay may have. */
    POOL_EXHAUSTED(1);

    private final int upstreams;

    Scenario(int upstreams) {
        this.upstreams = upstreams;
    }

    int upstreams() {
        return upstreams;
    }
}
