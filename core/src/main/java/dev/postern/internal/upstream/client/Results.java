package dev.postern.internal.upstream.client;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.RefusedRecipient;
import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What each end of a delivery means: the one place where what an upstream did becomes a {@link DeliveryResult}. Whole
 * table, with what the client is told of it, in docs/upstream.md.
 *
 * @param begun when the upstream was asked for this delivery, as {@link RelayClock#nanoTime()} counts
 */
public record Results(String upstream, RelayClock clock, long begun) {

    /** How far a message came. */
    public enum Stage {
        /** No connection yet that MAIL may be sent on. */
        OPENING,
        MAIL,
        RCPT,
        DATA,
        CONTENT,
        /** The last octet of the content and its end were handed over: the upstream may have the message. */
        END
    }

    Accepted accepted(UpstreamReply reply, boolean dsn) {
        Accepted accepted = DeliveryResult.accepted(upstream, reply.toReply()).withTook(took());
        return dsn ? accepted.withDsn() : accepted;
    }

    /** A negative reply: 5xx is for ever, 4xx is for now. */
    DeliveryResult refused(Stage stage, UpstreamReply reply) {
        return reply.permanent()
                ? rejected(reply.toReply(), List.of())
                : deferred(
                        stage == Stage.MAIL ? Reason.TURNED_AWAY : Reason.FAILED,
                        Optional.of(reply.toReply()),
                        stage + ": " + reply);
    }

    /**
     * A recipient that is not taken now, and with it the message; by reason of their number, or by its own.
     *
     * @param recipients all of whom that is so, when the others were accepted; else empty
     */
    Deferred postponed(Reason reason, UpstreamReply reply, List<RefusedRecipient> recipients) {
        return deferred(reason, Optional.of(reply.toReply()), Stage.RCPT + ": " + reply)
                .withRecipients(recipients);
    }

    /** Recipients refused for good by themselves, and with them the message: all recipients or none. */
    Rejected refused(List<RefusedRecipient> recipients) {
        return rejected(recipients.get(0).reply(), recipients);
    }

    /** What the message needs and the upstream does not offer; another one may. */
    Rejected unsupported(StandardReply row) {
        return rejected(row.reply(), List.of()).andAnotherMayTry();
    }

    /**
     * No reply that can be understood, in time or at all. Only behind the end of the content is it doubtful who has it.
     */
    public Deferred lost(Stage stage, UpstreamException why) {
        if (stage == Stage.OPENING) {
            Optional<UpstreamReply> no = why.reply().filter(UpstreamReply::negative);
            return deferred(Reason.UNREACHABLE, no.map(UpstreamReply::toReply), String.valueOf(why.getMessage()));
        }
        Reason reason =
                stage == Stage.MAIL ? Reason.TURNED_AWAY : stage == Stage.END ? Reason.AMBIGUOUS : Reason.FAILED;
        return deferred(reason, Optional.empty(), stage + ": " + why.getMessage());
    }

    /**
     * The message's own content failed; its end was not handed over, so nothing is delivered (RFC 5321 section
     * 4.1.1.4).
     */
    Deferred unreadable(Exception why) {
        return deferred(Reason.FAILED, Optional.empty(), Stage.CONTENT + ": content cannot be read: " + why);
    }

    private Rejected rejected(Reply reply, List<RefusedRecipient> recipients) {
        return DeliveryResult.rejected(upstream, reply, recipients).withTook(took());
    }

    private Deferred deferred(Reason reason, Optional<Reply> reply, String detail) {
        Deferred deferred = DeliveryResult.deferred(upstream, reason, Reply.printable(detail, Reply.MAX_LINE_OCTETS))
                .withTook(took());
        return reply.map(deferred::withReply).orElse(deferred);
    }

    private Duration took() {
        return Duration.ofNanos(Math.max(0, clock.nanoTime() - begun));
    }
}
