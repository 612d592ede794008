package dev.postern.spi;

import dev.postern.spi.DeliveryResult.Reason;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A delivery with one answer that counts what it is asked. */
final class CountingDelivery implements UpstreamDelivery {

    final AtomicInteger calls = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    final DeliveryResult result;
    private volatile int maxRecipients = Integer.MAX_VALUE;

    CountingDelivery(DeliveryResult result) {
        this.result = result;
    }

    static CountingDelivery accepting(String name) {
        return new CountingDelivery(DeliveryResult.accepted(name, Reply.fromUpstream(250, List.of("Ok"))));
    }

    static CountingDelivery deferring(String name, Reason reason) {
        return new CountingDelivery(DeliveryResult.deferred(name, reason, "no"));
    }

    int calls() {
        return calls.get();
    }

    @Override
    public DeliveryResult deliver(Submission submission) {
        calls.incrementAndGet();
        return result;
    }

    @Override
    public int maxRecipients() {
        return maxRecipients;
    }

    CountingDelivery taking(int recipients) {
        maxRecipients = recipients;
        return this;
    }

    @Override
    public void close() {
        closed.incrementAndGet();
    }

    @Override
    public String toString() {
        return result.upstream();
    }
}
