package dev.postern.spool;

import dev.postern.spool.Engine.Step;
import dev.postern.spool.SpoolEvent.Kind;
import dev.postern.spool.SpooledMessage.Progress;
import dev.postern.spool.SpooledMessage.Status;
import dev.postern.spool.Tables.Fresh;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What becomes of messages without an attempt: their senders hear of a delay, or they are given up. */
record Endings(Common common, Node node, Pump pump) {

    private static final int NOTICES = 50;

    /** Senders hear of a delay, and of the end of a message that waits for an upstream which does not come back; whether there was any. */
    boolean notices(String owner, long now) {
        List<Stored> due = pump.inFlight()
                .claimed(() -> common.tables()
                        .claimNotices(
                                owner, now, now - common.settings().giveUp().toMillis(), NOTICES));
        each(due, message -> notice(message, owner, now));
        return !due.isEmpty();
    }

    /** Does it to each that was claimed; after a defect, none of the rest is kept. */
    private void each(List<Stored> claimed, Consumer<Stored> ending) {
        int ended = 0;
        try {
            for (Stored message : claimed) {
                ending.accept(message);
                pump.inFlight().end(message.id());
                ended++;
            }
        } finally {
            claimed.subList(ended, claimed.size())
                    .forEach(message -> pump.inFlight().end(message.id()));
        }
    }

    private void notice(Stored message, String owner, long now) {
        if (now >= message.givesUpAt(common.settings())) {
            giveUp(message, owner, Notification.EXPIRED);
            return;
        }
        Course back = message.course().told(message.givesUpAt(common.settings()));
        List<Fresh> notices = notices(owner, anyhow -> Notification.ofDelay(common, message, anyhow));
        settle(message, owner, Map.of(), back, notices, Kind.DELAYED);
    }

    /** Gives a message up by an operator's wish; false when it is not there, or somebody tries it. */
    boolean giveUp(String id) {
        String owner = node.id();
        List<Stored> claimed = pump.inFlight().claimed(() -> common.tables().claim(owner, id));
        each(claimed, message -> giveUp(message, owner, Notification.STOPPED));
        return !claimed.isEmpty();
    }

    private void giveUp(Stored message, String owner, String why) {
        Map<Integer, Progress> changes = new LinkedHashMap<>();
        for (int i : message.waiting()) {
            Progress before = message.recipients().get(i);
            changes.put(i, new Progress(before.recipient(), Status.FAILED, why + before.reply()));
        }
        List<Fresh> notices = notices(owner, anyhow -> Notification.ofEnd(common, message, changes, anyhow));
        settle(message, owner, changes, null, notices, Kind.FAILED);
    }

    /**
     * Makes notices with what is returned of the message: when the database is away, as soon as it is back. When it answers and
     * does not give that, or the spool closes, without it, for the sender is to hear of it all the same.
     *
     * @param making makes them; is told whether also without it
     */
    List<Fresh> notices(String owner, Function<Boolean, List<Fresh>> making) {
        boolean last = false;
        while (true) {
            try {
                return making.apply(false);
            } catch (SpoolException e) {
                if (last) {
                    return making.apply(true);
                }
                last = answers(owner) || !pump.pause();
            }
        }
    }

    private boolean answers(String owner) {
        try {
            node.isKnown(owner);
            return true;
        } catch (SpoolException e) {
            return false;
        }
    }

    /** Ends what was claimed without an attempt. */
    private void settle(
            Stored message,
            String owner,
            Map<Integer, Progress> changes,
            @Nullable Course back,
            List<Fresh> notices,
            Kind kind) {
        if (pump.untilDone(
                message.id(),
                owner,
                () -> common.tables().settle(Step.NOTICE, message.id(), owner, changes, back, notices))) {
            common.events().tell(kind, message, message.waiting(), Optional.empty());
            common.events().tell(Kind.BOUNCED, message, Notification.bounced(message, changes), Optional.empty());
            common.refund(message.with(changes), changes.values());
            pump.settled(message, back, notices);
        }
    }
}
