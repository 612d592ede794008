package dev.postern.spool;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.RefusedRecipient;
import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spool.Engine.Step;
import dev.postern.spool.SpoolEvent.Kind;
import dev.postern.spool.SpooledMessage.Progress;
import dev.postern.spool.SpooledMessage.State;
import dev.postern.spool.SpooledMessage.Status;
import dev.postern.spool.Tables.Fresh;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt of one message: gives it to the upstream, for all of its recipients at once or in groups, and makes what
 * became of them durable. A delivery takes all recipients or none, and may not say whom it defers; so with each attempt
 * that was answered by "not now" the groups become half as large, until nobody waits for another's sake.
 */
final class Attempt {

    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

    private final Common common;
    private final Pump pump;
    private final Stored message;
    private final String node;
    private final MessageContent content;
    private final Map<Integer, Progress> changes = new LinkedHashMap<>();
    private final Map<Integer, Progress> fresh = new LinkedHashMap<>(); // of changes, those that are not durable yet
    private final Set<Integer> told = new HashSet<>(); // by an upstream that offers DSN
    private boolean thrown; // by the last delivery, which so says nothing of an upstream
    private boolean refusedForNow;
    private boolean ambiguous;
    private @Nullable String unreachable;

    Attempt(Common common, Pump pump, Stored message, String node, MessageContent content) {
        this.common = common;
        this.pump = pump;
        this.message = message;
        this.node = node;
        this.content = content;
    }

    void run() {
        Deque<List<Integer>> groups = groups();
        if (groups.isEmpty() && message.state() == State.UNREACHABLE) {
            pump.probeAgain(message.course().upstream());
        }
        while (!groups.isEmpty()) {
            List<Integer> group = groups.remove();
            DeliveryResult result = deliver(group);
            List<Integer> rest = judge(group, result);
            if (!rest.isEmpty()) {
                groups.addFirst(rest); // RFC 5321 section 3.3: those that were not refused can still have it
            }
            if (unreachable != null) {
                break;
            }
            if (!groups.isEmpty() && !makeDurable()) {
                return; // another node has taken over
            }
        }
        settle();
    }

    private Deque<List<Integer>> groups() {
        List<Integer> waiting =
                message.waiting().stream().filter(i -> suspendedUntil(i) == 0).toList();
        int size = Math.max(1, waiting.size() >> Math.min(message.attempts(), 30));
        size = Math.min(size, Math.max(1, common.next().maxRecipients()));
        Deque<List<Integer>> groups = new ArrayDeque<>();
        for (int from = 0; from < waiting.size(); from += size) {
            groups.add(List.copyOf(waiting.subList(from, Math.min(waiting.size(), from + size))));
        }
        return groups;
    }

    private long suspendedUntil(int position) {
        return common.suspensions()
                .until(message.account(), message.recipients().get(position).recipient());
    }

    @SuppressWarnings({"CatchingUnchecked", "ConstantValue"})
    private DeliveryResult deliver(List<Integer> group) {
        List<Recipient> recipients =
                group.stream().map(i -> message.recipients().get(i).recipient()).toList();
        thrown = false;
        try {
            DeliveryResult result = common.next().deliver(message.to(recipients, content));
            if (result != null) {
                return result;
            }
            LOG.error("UpstreamDelivery returned null for message {}", message.id());
        } catch (Throwable e) { // an Error too: what was perhaps sent must not be forgotten
            LOG.error("UpstreamDelivery failed for message {}", message.id(), e);
        } finally {
            boolean unused = Thread.interrupted(); // pools refuse connections to a thread that a delivery has left so
        }
        thrown = true;
        return DeliveryResult.deferred("delivery", Reason.AMBIGUOUS, "the delivery failed");
    }

    /** Takes a result down; returns those of the group that can be tried again at once. */
    private List<Integer> judge(List<Integer> group, DeliveryResult result) {
        if (result instanceof Deferred deferred && deferred.reason() == Reason.UNREACHABLE) {
            unreachable = cut(result.upstream());
            pump.unreachable(unreachable);
            mark(group, Status.WAITING, deferred.detail());
            common.events().tell(Kind.DEFERRED, message, group, Optional.of(result));
            return List.of();
        }
        pump.reachable(cut(result.upstream()));
        if (message.state() == State.UNREACHABLE && !thrown) {
            // the one that it waited for may be away still, and another in its place
            pump.reachable(message.course().upstream());
        }
        if (result instanceof Accepted accepted) {
            mark(group, Status.RELAYED, text(accepted.reply()));
            if (accepted.dsn()) {
                told.addAll(group);
            }
            common.events().tell(Kind.RELAYED, message, group, Optional.of(result));
            return List.of();
        }
        if (result instanceof Deferred deferred) {
            return deferred(group, deferred);
        }
        return rejected(group, (Rejected) result);
    }

    private List<Integer> deferred(List<Integer> group, Deferred deferred) {
        Map<Integer, Reply> named = named(group, deferred.recipients());
        refusedForNow = true;
        if (!named.isEmpty() && deferred.reason() != Reason.AMBIGUOUS) {
            named.forEach((i, reply) -> mark(List.of(i), Status.WAITING, text(reply)));
            common.events().tell(Kind.DEFERRED, message, List.copyOf(named.keySet()), Optional.of(deferred));
            return group.stream().filter(i -> !named.containsKey(i)).toList();
        }
        mark(group, Status.WAITING, deferred.reply().map(Attempt::text).orElse(deferred.detail()));
        common.events().tell(Kind.DEFERRED, message, group, Optional.of(deferred));
        if (deferred.reason() == Reason.AMBIGUOUS) {
            ambiguous = true;
            LOG.warn(
                    "Message {} may arrive twice: {} was lost before it answered",
                    message.id(),
                    Reply.printable(deferred.upstream(), 80));
            common.events().tell(Kind.POSSIBLY_DOUBLED, message, group, Optional.of(deferred));
        }
        return List.of();
    }

    private List<Integer> rejected(List<Integer> group, Rejected rejected) {
        Map<Integer, Reply> named = named(group, rejected.recipients());
        if (named.isEmpty() || named.size() == group.size()) {
            group.forEach(i -> mark(List.of(i), Status.FAILED, text(named.getOrDefault(i, rejected.reply()))));
            common.events().tell(Kind.FAILED, message, group, Optional.of(rejected));
            return List.of();
        }
        named.forEach((i, reply) -> mark(List.of(i), Status.FAILED, text(reply)));
        common.events().tell(Kind.FAILED, message, List.copyOf(named.keySet()), Optional.of(rejected));
        return group.stream().filter(i -> !named.containsKey(i)).toList();
    }

    private Map<Integer, Reply> named(List<Integer> group, List<RefusedRecipient> recipients) {
        Map<Integer, Reply> named = new LinkedHashMap<>();
        for (RefusedRecipient refused : recipients) {
            for (int i : group) {
                if (message.recipients().get(i).recipient().address().equals(refused.address())) {
                    named.putIfAbsent(i, refused.reply());
                }
            }
        }
        return named;
    }

    private void mark(List<Integer> group, Status status, String reply) {
        for (int i : group) {
            Progress progress = new Progress(message.recipients().get(i).recipient(), status, reply);
            changes.put(i, progress);
            fresh.put(i, progress);
        }
    }

    /** Text as notices and rows have it. */
    private static String text(Reply reply) {
        return reply.toString();
    }

    private static String cut(String upstream) {
        return Reply.printable(upstream, 255);
    }

    /**
     * What was relayed must not be sent again when we die before the end. What was refused may: then it is refused again,
     * and the sender hears of it with the rest.
     */
    private boolean makeDurable() {
        Map<Integer, Progress> relayed = new LinkedHashMap<>();
        having(fresh, Status.RELAYED).forEach(i -> relayed.put(i, Objects.requireNonNull(fresh.remove(i))));
        if (relayed.isEmpty()) {
            return true;
        }
        List<Fresh> notices = notices(relayed);
        return persist(() -> common.tables().progress(message.id(), node, relayed, notices));
    }

    private List<Fresh> notices(Map<Integer, Progress> about) {
        return pump.endings().notices(node, anyhow -> Notification.about(common, message, about, told, anyhow));
    }

    private void settle() {
        long now = common.nowMillis();
        Stored after = message.with(changes);
        if ((refusedForNow || unreachable != null) && now >= after.givesUpAt(common.settings())) {
            expire(after);
            after = message.with(changes);
        }
        List<Fresh> notices = notices(fresh);
        Course back = after.waiting().isEmpty() ? null : back(now, after);
        Map<Integer, Progress> toStore = Map.copyOf(fresh);
        if (persist(() -> common.tables().settle(Step.SETTLE, message.id(), node, toStore, back, notices))) {
            common.events().tell(Kind.BOUNCED, message, Notification.bounced(message, toStore), Optional.empty());
            common.refund(after, changes.values());
            pump.settled(message, back, notices);
        }
    }

    private void expire(Stored after) {
        List<Integer> waiting = after.waiting();
        for (int i : waiting) {
            mark(
                    List.of(i),
                    Status.FAILED,
                    Notification.EXPIRED + after.recipients().get(i).reply());
        }
        common.events().tell(Kind.FAILED, message, waiting, Optional.empty());
    }

    private Course back(long now, Stored after) {
        int attempts = message.attempts() + (refusedForNow ? 1 : 0);
        int doubled = message.doubled() + (ambiguous ? 1 : 0);
        long due = unreachable != null ? now : refusedForNow ? afterPause(now, attempts) : afterSuspension(now, after);
        return new Course(
                unreachable == null ? State.READY : State.UNREACHABLE,
                unreachable == null ? "" : unreachable,
                due,
                message.course().noticeMillis(),
                attempts,
                doubled,
                message.course().delayed());
    }

    private long afterPause(long now, int attempts) {
        long pause = common.settings().pauseAfter(attempts).toMillis();
        long jitter = Math.round(pause * ThreadLocalRandom.current().nextDouble(-0.1, 0.1));
        return Math.min(now + pause + jitter, message.givesUpAt(common.settings()));
    }

    /** When the first of those goes on that were not tried; now when that has changed meanwhile. */
    private long afterSuspension(long now, Stored after) {
        return Math.max(
                now,
                after.waiting().stream().mapToLong(this::suspendedUntil).min().orElse(now));
    }

    /** The upstream may have the message, so this has to become known; else it is sent twice without a mark. */
    private boolean persist(BooleanSupplier step) {
        return pump.untilDone(message.id(), node, step);
    }

    /** For those that are told of the attempt: recipients by what became of them. */
    static List<Integer> having(Map<Integer, Progress> changes, Status status) {
        List<Integer> positions = new ArrayList<>();
        changes.forEach((i, progress) -> {
            if (progress.status() == status) {
                positions.add(i);
            }
        });
        return positions;
    }
}
