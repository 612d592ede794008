package dev.postern.stores;

import dev.postern.testkit.probe.ProbeReply;
import java.time.Duration;
import java.util.function.Supplier;

/** As a client does that tries again when it is refused for now. */
public final class Again {

    private Again() {}

    /** Asks until the reply has another code, or the real time is over; returns the last reply. */
    public static ProbeReply whileRefused(int code, Duration time, Supplier<ProbeReply> ask) {
        long deadline = System.nanoTime() + time.toNanos();
        ProbeReply reply = ask.get();
        while (reply.code() == code && System.nanoTime() - deadline < 0) {
            Pause.brief();
            reply = ask.get();
        }
        return reply;
    }
}
