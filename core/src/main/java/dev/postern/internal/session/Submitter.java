package dev.postern.internal.session;

import dev.postern.internal.content.ContentGate;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.plugin.PluginFailure;
import dev.postern.internal.plugin.PluginGuard;
import dev.postern.internal.reply.Judged;
import dev.postern.internal.reply.Printable;
import dev.postern.internal.reply.Replies;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.Verdict;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last part of the way: complete content, through checks and upstream, to the one final reply. */
public final class Submitter {

    private static final Logger LOG = LoggerFactory.getLogger(Submitter.class);

    /** The one final reply, with what a listener is told beside a refusal. */
    record Answer(Reply reply, String detail) {}

    private final UpstreamDelivery upstream;
    private final RecipientLimit recipientLimit;
    private final Guarded<ContentPolicy> policy;
    private final RelayListener listener;
    private final RelayClock clock;
    private final Duration timeout;

    /**
     * Makes the submitter.
     *
     * @param timeout how long a client waits for the reply to its content at most
     */
    public Submitter(
            UpstreamDelivery upstream,
            Guarded<ContentPolicy> policy,
            RelayListener listener,
            RelayClock clock,
            Duration timeout) {
        this.upstream = upstream;
        this.recipientLimit = new RecipientLimit(Guarded.inline("UpstreamDelivery", upstream)); // it must not block
        this.policy = policy;
        this.listener = listener;
        this.clock = clock;
        this.timeout = timeout;
    }

    RecipientLimit recipientLimit() {
        return recipientLimit;
    }

    Answer submit(MailTransaction message, ContentGate.Receiver receiver) {
        long due = clock.nanoTime() + timeout.toNanos();
        ContentGate.Origin origin = message.origin(clock.now());
        Judged<ContentGate.Checked> judged;
        try {
            judged = receiver.finish(origin);
        } catch (PluginFailure e) {
            LOG.warn("{} message {} not checked: {}", origin.client().sessionId(), origin.messageId(), Printable.of(e));
            return new Answer(StandardReply.UPSTREAM_RELAY_FAILED.reply(), "");
        }
        if (judged instanceof Judged.Refused<ContentGate.Checked> refused) {
            return new Answer(refused.reply(), Reply.printable(refused.detail(), 300));
        }
        ContentGate.Checked checked = judged.value();
        Submission received = Submission.of(
                        origin.messageId(),
                        origin.client(),
                        origin.identity(),
                        origin.envelope(),
                        checked.content(),
                        origin.received())
                .withTimeLeft(Duration.ofNanos(due - clock.nanoTime()), clock);
        Submission submission = checked.author().map(received::withAuthor).orElse(received);
        Verdict verdict = policy.call(rule -> rule.check(submission))
                .orElseGet(() -> Verdict.refuse(StandardReply.INTERNAL_ERROR));
        if (verdict instanceof Verdict.Proceed) {
            verdict = message.quota.confirm(
                    submission.envelope().recipients().size(),
                    submission.content().size());
        }
        return new Answer(verdict.refusal().orElseGet(() -> relay(submission)), "");
    }

    private Reply relay(Submission submission) {
        long begun = clock.nanoTime();
        DeliveryResult result = deliver(submission);
        Duration took = Duration.ofNanos(clock.nanoTime() - begun);
        int recipients = submission.envelope().recipients().size();
        Reply reply = Replies.of(result, recipients);
        PluginGuard.tell(
                listener,
                result instanceof DeliveryResult.Accepted accepted
                        ? RelayEvent.Relayed.of(submission, accepted, took)
                        : RelayEvent.NotRelayed.of(submission, result, reply, took));
        if (LOG.isInfoEnabled()) {
            // put together here: to have eight parameters formatted costs more than all our checks
            LOG.info(submission.client().sessionId() + " message " + submission.id()
                    + " user=" + Reply.printable(submission.identity().user(), 80)
                    + " size=" + submission.content().size()
                    + " recipients=" + recipients
                    + " reply=\"" + Printable.of(reply)
                    + "\" upstream=\"" + described(result)
                    + "\" took=" + took.toMillis() + "ms");
        }
        return reply;
    }

    private DeliveryResult deliver(Submission submission) {
        try {
            DeliveryResult result = upstream.deliver(submission);
            if (result != null) {
                return result;
            }
            LOG.error("UpstreamDelivery answered null for message {}", submission.id());
        } catch (RuntimeException e) {
            LOG.error("UpstreamDelivery failed for message {}", submission.id(), Printable.failure(e));
        }
        // whether the message left is unknown, so it must not be said that it did not
        return DeliveryResult.deferred("plug-in", DeliveryResult.Reason.AMBIGUOUS, "plug-in failed");
    }

    private static String described(DeliveryResult result) {
        String words = result instanceof DeliveryResult.Accepted accepted
                ? accepted.reply().toString()
                : result instanceof DeliveryResult.Rejected rejected
                        ? rejected.reply().toString()
                        : ((DeliveryResult.Deferred) result).reason() + " "
                                + ((DeliveryResult.Deferred) result).detail();
        return Reply.printable(result.upstream() + ": " + words, 300);
    }
}
