package dev.postern.testkit.tck;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.RefusedRecipient;
import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A spool as plain as it can be, with one thread. Its store is memory that outlives it. Broken ones override a step. */
class PlainSpool implements UpstreamDelivery {

    static final Duration GIVE_UP = Duration.ofHours(2);

    /** What outlives a process. */
    static final class Store {
        final List<Item> items = new ArrayList<>(); // guarded by itself, as are the items
        final AtomicInteger marked = new AtomicInteger();
        final TestClock clock = new TestClock();
    }

    /** A message with those who do not have it yet. */
    static final class Item {
        final Submission message;
        final Instant came;
        List<Recipient> waiting;
        Instant due;
        boolean sending;

        Item(Submission message, Instant now) {
            this.message = message;
            this.waiting = message.envelope().recipients();
            this.came = now;
            this.due = now;
        }

        String account() {
            return message.identity().account();
        }
    }

    final Store store;
    private final UpstreamDelivery next;
    private final CountDownLatch dead = new CountDownLatch(1);
    private final Map<String, Integer> turns = new HashMap<>();
    private final Thread thread = new Thread(this::run, "plain-spool");

    PlainSpool(Store store, UpstreamDelivery next) {
        this.store = store;
        this.next = next;
        thread.setDaemon(true);
    }

    PlainSpool start() {
        synchronized (store.items) {
            store.items.stream().filter(item -> item.sending).forEach(this::recover);
        }
        thread.start();
        return this;
    }

    void recover(Item item) {
        store.marked.incrementAndGet();
        item.sending = false;
    }

    @Override
    public DeliveryResult deliver(Submission message) {
        synchronized (store.items) {
            store.items.add(new Item(message, store.clock.now()));
        }
        return DeliveryResult.accepted("plain", StandardReply.RESET_OK.reply());
    }

    private void run() {
        while (isAlive()) {
            Optional<Item> item;
            synchronized (store.items) {
                item = pick(store.items.stream()
                        .filter(one -> isAlive() && !one.sending && !one.due.isAfter(store.clock.now()))
                        .toList());
                item.ifPresent(one -> one.sending = true);
            }
            if (item.isEmpty()) {
                LockSupport.parkNanos(1_000_000);
            } else {
                attempt(item.get());
            }
        }
    }

    /** By turns: whose account was picked least. */
    Optional<Item> pick(List<Item> due) {
        Optional<Item> picked =
                due.stream().min(Comparator.comparingInt(item -> turns.getOrDefault(item.account(), 0)));
        picked.ifPresent(item -> turns.merge(item.account(), 1, Integer::sum));
        return picked;
    }

    private void attempt(Item item) {
        DeliveryResult result = next.deliver(to(item.message, item.waiting));
        synchronized (store.items) {
            if (!isAlive()) {
                return;
            }
            item.sending = false;
            if (result instanceof Rejected rejected) {
                rejected(item, rejected);
            } else if (result instanceof Accepted) {
                accepted(item);
            } else if (!store.clock.now().isBefore(item.came.plus(GIVE_UP))) {
                expired(item);
            } else {
                Reason reason = ((DeliveryResult.Deferred) result).reason();
                item.due = store.clock.now().plus(Duration.ofMinutes(reason == Reason.UNREACHABLE ? 1 : 5));
                if (reason == Reason.AMBIGUOUS) {
                    ambiguous();
                }
                deferred(item);
            }
        }
    }

    void ambiguous() {
        store.marked.incrementAndGet();
    }

    void accepted(Item item) {
        store.items.remove(item);
    }

    /** Then each is tried alone. */
    void deferred(Item item) {
        for (Recipient recipient : item.waiting.subList(1, item.waiting.size())) {
            Item alone = new Item(item.message, item.came);
            alone.waiting = List.of(recipient);
            alone.due = item.due;
            store.items.add(alone);
        }
        item.waiting = item.waiting.subList(0, 1);
    }

    void expired(Item item) {
        store.items.remove(item);
        item.waiting.forEach(recipient -> tell(item, recipient, "4.4.7"));
    }

    void rejected(Item item, Rejected rejected) {
        List<String> refused = rejected.recipients().stream()
                .map(RefusedRecipient::address)
                .map(Object::toString)
                .toList();
        List<Recipient> rest = refused.isEmpty()
                ? List.of()
                : item.waiting.stream()
                        .filter(recipient ->
                                !refused.contains(recipient.address().toString()))
                        .toList();
        item.waiting.stream()
                .filter(recipient -> !rest.contains(recipient))
                .forEach(recipient -> tell(item, recipient, "5.1.1"));
        item.waiting = rest;
        if (rest.isEmpty()) {
            store.items.remove(item);
        }
    }

    void tell(Item item, Recipient recipient, String status) {
        if (item.message.envelope().reversePath().address().isPresent() && isWanted(recipient)) {
            notice(item, item.message.envelope().reversePath(), recipient, status);
        }
    }

    boolean isWanted(Recipient recipient) {
        return !recipient.parameters().get("NOTIFY").orElse("").equals("NEVER");
    }

    void notice(Item item, ReversePath to, Recipient about, String status) {
        String text =
                "From: <>\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
                        + "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; plain\r\n\r\nFinal-Recipient: rfc822; "
                        + about.address() + "\r\nAction: failed\r\nStatus: " + status + "\r\n\r\n--b--\r\n";
        Recipient sender = to.address()
                .map(address -> new Recipient(address, EsmtpParameters.none()))
                .orElse(about);
        Envelope envelope = new Envelope(ReversePath.empty(), EsmtpParameters.none(), List.of(sender));
        TestContent content = TestContent.of(text.getBytes(StandardCharsets.US_ASCII));
        store.items.add(new Item(Tck.submission(item.message.identity(), envelope, content), store.clock.now()));
    }

    Submission to(Submission message, List<Recipient> recipients) {
        Envelope all = message.envelope();
        Envelope envelope = new Envelope(all.reversePath(), all.parameters(), recipients);
        return Tck.submission(message.identity(), envelope, message.content());
    }

    boolean isAlive() {
        return dead.getCount() > 0;
    }

    void kill() {
        synchronized (store.items) { // not between a look at whether it lives and what it does then
            dead.countDown();
        }
    }

    @Override
    public void close() {
        kill();
        try {
            thread.join(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
