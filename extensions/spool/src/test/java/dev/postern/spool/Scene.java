package dev.postern.spool;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.TestMessage;
import dev.postern.testkit.tck.UpstreamDeliveryContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A spool on a store that stays, with an upstream that keeps what it accepted. */
final class Scene implements AutoCloseable {

    private static final Duration STEP = Duration.ofSeconds(30);
    private static final Duration BETWEEN_STEPS = Duration.ofMillis(20);
    private static final Duration LONGEST_STAND = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(50);

    /** What the upstream has. */
    record Arrived(String sender, List<String> recipients, String content) {}

    final TestClock clock = new TestClock();
    final List<Arrived> arrived = new CopyOnWriteArrayList<>();
    final ConcurrentLinkedQueue<SpoolEvent> events = new ConcurrentLinkedQueue<>();
    final SpoolStore store;
    volatile SpoolSettings settings = SpoolSettings.defaults()
            .withHostName("relay.test")
            .withLease(Duration.ofMinutes(30))
            .withRetry(Duration.ofMinutes(1));
    /** What it says before it takes a message; null to take it. */
    volatile Function<Submission, DeliveryResult> answer = message -> accepted();

    @Nullable
    QuotaStore refunds;

    QuotaPlan plan = QuotaPlan.unlimited();
    private final List<Spool> spools = new CopyOnWriteArrayList<>();
    private final List<WatchedHeart> hearts = new CopyOnWriteArrayList<>();

    Scene(SpoolStore store) {
        this.store = store;
    }

    static DeliveryResult accepted() {
        return DeliveryResult.accepted("up", Reply.fromUpstream(250, List.of("2.0.0 taken")));
    }

    Spool open() {
        return open(store);
    }

    Spool open(SpoolStore where) {
        UpstreamDelivery upstream = this::take;
        Spool.Builder builder = Spool.builder(where.wrapped(engine -> {
                    WatchedHeart heart = new WatchedHeart(engine, clock, settings.lease());
                    hearts.add(heart);
                    return heart;
                }))
                .settings(settings)
                .clock(clock)
                .listener(RelayListener.of(event -> events.add((SpoolEvent) event)));
        if (refunds != null) {
            builder.refunds(refunds, identity -> plan);
        }
        Spool spool = builder.start(upstream);
        spools.add(spool);
        return spool;
    }

    private DeliveryResult take(Submission message) {
        DeliveryResult result = answer.apply(message);
        if (result instanceof DeliveryResult.Accepted) {
            keep(message);
        }
        return result;
    }

    void keep(Submission message) {
        try {
            arrived.add(new Arrived(
                    message.envelope()
                            .reversePath()
                            .address()
                            .map(MailAddress::toString)
                            .orElse(""),
                    message.envelope().recipients().stream()
                            .map(recipient -> recipient.address().toString())
                            .toList(),
                    new String(message.content().open().readAllBytes(), StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Submission message(String text, String... recipients) {
        return messageOf(text).withRecipients(recipients).submission();
    }

    static Submission message(String text, Identity sender, String... recipients) {
        return messageOf(text).withIdentity(sender).withRecipients(recipients).submission();
    }

    private static TestMessage messageOf(String text) {
        return TestMessage.of(
                "From: ann@example.org\r\nMessage-ID: <" + text + "@example.org>\r\n\r\n" + text + "\r\n");
    }

    /** Between two looks at what another thread does. */
    static void pause() {
        LockSupport.parkNanos(1_000_000);
    }

    /** In the middle of a step or of an answer, which cannot be interrupted. */
    static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes over whatever any node owns, as another one that takes all of them for dead; returns the rows of nodes. */
    NodeTable takeOver(Engine engine, String another) {
        NodeTable nodes = new NodeTable(engine);
        long now = clock.now().toEpochMilli();
        nodes.beats().forEach((dead, beat) -> nodes.takeOver(dead, beat, another, now));
        return nodes;
    }

    /**
     * Until it is so, while the clock moves on, but for no longer than a node's lease without a beat of its: on a busy
     * machine a node would be taken for dead while it works.
     */
    void until(BooleanSupplier condition) {
        long begun = System.nanoTime();
        long moved = begun;
        while (!condition.getAsBoolean()) {
            long now = System.nanoTime();
            if (now - begun > PATIENCE.toNanos()) {
                throw new AssertionError("not so after " + PATIENCE + ", by the clock at " + clock.now());
            }
            if (now - moved > LONGEST_STAND.toNanos()) {
                hearts.forEach(WatchedHeart::forgive);
            }
            if (now - moved > BETWEEN_STEPS.toNanos() && hearts.stream().allMatch(WatchedHeart::isInTime)) {
                clock.advance(STEP);
                moved = now;
            }
            pause();
        }
    }

    /** Until nothing waits in the store. */
    void untilEmpty(Spool spool) {
        until(() -> {
            try {
                return spool.list(SpoolFilter.all(), 1).isEmpty();
            } catch (SpoolException e) {
                return false;
            }
        });
    }

    /** As the contract sees it. */
    List<UpstreamDeliveryContract.Arrived> arrivedOctets() {
        return arrived.stream()
                .map(one -> new UpstreamDeliveryContract.Arrived(
                        one.sender(), one.recipients(), one.content().getBytes(StandardCharsets.ISO_8859_1)))
                .toList();
    }

    boolean told(SpoolEvent.Kind kind) {
        return events.stream().anyMatch(event -> event.kind() == kind);
    }

    @Override
    public void close() {
        spools.forEach(Spool::close);
    }
}
