package dev.postern.internal.quota;

import dev.postern.internal.plugin.Guarded;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A message's quota in the store of the process. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class QuotaBenchmark {

    private final QuotaGate gate = new QuotaGate(
            Guarded.inline("QuotaStore", QuotaGate.inProcessStore(RelayClock.system())),
            QuotaPlan.perDay(Integer.MAX_VALUE),
            RelayListener.none());
    private final Identity identity = Identity.of("ann@example.org");
    private long message;

    /** Reserves for one recipient, and commits. */
    @Benchmark
    public Object reserveAndCommit() {
        return settled(1);
    }

    /** Reserves for ten recipients, one after the other, and commits. */
    @Benchmark
    public Object reserveTenAndCommit() {
        return settled(10);
    }

    private Object settled(int recipients) {
        try (QuotaGate.QuotaHold tab = gate.open(identity, "m" + message++, 0)) {
            Object verdict = tab.cover(1);
            for (int i = 2; i <= recipients; i++) {
                verdict = tab.cover(i);
            }
            tab.commit(recipients);
            return verdict;
        }
    }
}
