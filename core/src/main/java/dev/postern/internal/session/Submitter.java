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
import dev.postern.spi.EventSession;
import dev.postern.spi.MessageSigner;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.Verdict;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last part of the way: complete content, through checks and upstream, to the one final reply. */
public final class Submitter {

    private static final Logger LOG = LoggerFactory.getLogger(Submitter.class);

    /**
     * The one final reply.
     *
     * @param reply the reply
     * @param detail what a listener is told beside a refusal
     * @param ambiguous the upstream may have taken the message though the client is told that it did not
     */
    record Answer(Reply reply, String detail, boolean ambiguous) {

        Answer(Reply reply, String detail) {
            this(reply, detail, false);
        }

        private RelayEvent.Outcome outcome() {
            return switch (reply.code() / 100) {
                case 2 -> RelayEvent.Outcome.ACCEPTED;
                case 5 -> RelayEvent.Outcome.REFUSED;
                default -> ambiguous ? RelayEvent.Outcome.AMBIGUOUS : RelayEvent.Outcome.DEFERRED;
            };
        }
    }

    private final UpstreamDelivery upstream;
    private final RecipientLimit recipientLimit;
    private final @Nullable Signing signing;
    private final Guarded<ContentPolicy> policy;
    private final RelayListener listener;
    private final RelayClock clock;
    private final Duration timeout;

    /** The timeout is how long a client waits for the reply to its content at most. */
    public Submitter(
            UpstreamDelivery upstream,
            @Nullable MessageSigner signer,
            Guarded<ContentPolicy> policy,
            RelayListener listener,
            RelayClock clock,
            Duration timeout) {
        this.upstream = upstream;
        this.recipientLimit = new RecipientLimit(Guarded.inline("UpstreamDelivery", upstream)); // it must not block
        this.signing = signer == null ? null : new Signing(Guarded.inline("MessageSigner", signer));
        this.policy = policy;
        this.listener = listener;
        this.clock = clock;
        this.timeout = timeout;
    }

    RecipientLimit recipientLimit() {
        return recipientLimit;
    }

    /** A listener that hears of a message's content hears of its reply too, whatever goes wrong in between. */
    Answer submit(MailTransaction message, ContentGate.Receiver receiver) {
        long complete = clock.nanoTime();
        ContentGate.Origin origin = message.origin(clock.now());
        EventSession session =
                EventSession.of(origin.client()).withIdentity(origin.identity()).withMessageId(origin.messageId());
        receiver.complete();
        PluginGuard.tell(listener, RelayEvent.MessageReceived.of(session, origin.envelope(), receiver.received()));
        Answer answer = new Answer(StandardReply.INTERNAL_ERROR.reply(), "");
        try {
            answer = submit(message, receiver, origin, complete + timeout.toNanos());
            return answer;
        } finally {
            Duration took = Duration.ofNanos(clock.nanoTime() - complete);
            PluginGuard.tell(
                    listener,
                    RelayEvent.MessageAnswered.of(session, answer.outcome(), answer.reply(), took)
                            .withSize(
                                    receiver.size(),
                                    origin.envelope().recipients().size()));
        }
    }

    private Answer submit(MailTransaction message, ContentGate.Receiver receiver, ContentGate.Origin origin, long due) {
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
        int recipients = submission.envelope().recipients().size();
        return policy.call(rule -> rule.check(submission))
                .orElseGet(() -> Verdict.refuse(StandardReply.INTERNAL_ERROR))
                .refusal()
                .or(() -> message.quota
                        .confirm(recipients, submission.content().size())
                        .refusal())
                .map(refusal -> new Answer(refusal, ""))
                .orElseGet(() -> relay(submission));
    }

    private Answer relay(Submission submission) {
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
        boolean ambiguous = result instanceof DeliveryResult.Deferred deferred
                && deferred.reason() == DeliveryResult.Reason.AMBIGUOUS;
        return new Answer(reply, "", ambiguous);
    }

    private DeliveryResult deliver(Submission submission) {
        Optional<Submission> signed = signing == null ? Optional.of(submission) : signing.sign(submission);
        if (signed.isEmpty()) {
            return DeliveryResult.deferred("signer", DeliveryResult.Reason.FAILED, "message not signed");
        }
        try {
            DeliveryResult result = upstream.deliver(signed.get());
            if (result != null) {
                return result;
            }
            LOG.error("UpstreamDelivery answered null for message {}", submission.id());
        } catch (RuntimeException e) {
            LOG.error("UpstreamDelivery failed for message {}", submission.id(), Printable.failure(e));
        } finally {
            // an interruption ends the delivery's wait; left behind, it would end the client's connection, and calls
            // that tell stores what is used and what is free
            boolean unused = Thread.interrupted();
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
