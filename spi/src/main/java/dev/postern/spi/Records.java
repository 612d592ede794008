package dev.postern.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Implements the value types that may get more components; callers do not see that they are records. */
final class Records {

    private Records() {}

    record EventSession(ClientInfo client, Optional<Identity> identity, Optional<String> messageId)
            implements dev.postern.spi.EventSession {
        @Override
        public EventSession withIdentity(Identity newIdentity) {
            return new EventSession(client, Optional.of(newIdentity), messageId);
        }

        @Override
        public EventSession withMessageId(String newMessageId) {
            return new EventSession(client, identity, Optional.of(newMessageId));
        }
    }

    record Submission(
            String id,
            ClientInfo client,
            Identity identity,
            Envelope envelope,
            MessageContent content,
            Instant received,
            Optional<MailAddress> author,
            Optional<Due> due)
            implements dev.postern.spi.Submission {
        @Override
        public Submission withContent(MessageContent newContent) {
            return new Submission(id, client, identity, envelope, newContent, received, author, due);
        }

        @Override
        public Submission withAuthor(MailAddress newAuthor) {
            return new Submission(id, client, identity, envelope, content, received, Optional.of(newAuthor), due);
        }

        @Override
        public Optional<Duration> timeLeft() {
            return due.map(Due::left);
        }

        @Override
        public Submission withTimeLeft(Duration left, RelayClock clock) {
            Due newDue = new Due(clock.nanoTime() + left.toNanos(), clock);
            return new Submission(id, client, identity, envelope, content, received, author, Optional.of(newDue));
        }
    }

    /** A moment and the clock that it is measured by. */
    record Due(long moment, RelayClock clock) {
        private Duration left() {
            return Duration.ofNanos(Math.max(0, moment - clock.nanoTime()));
        }
    }

    record QuotaRequest(String reservationId, String account, QuotaPlan plan, long units)
            implements dev.postern.spi.QuotaRequest {
        QuotaRequest {
            if (units < 1) {
                throw new IllegalArgumentException("units must be 1 or more, not " + units);
            }
        }
    }

    record Accepted(String upstream, Reply reply, boolean dsn, Duration took) implements DeliveryResult.Accepted {
        Accepted {
            if (reply.code() / 100 != 2) { // the client would hear that a message is taken which was refused
                throw new IllegalArgumentException("reply must be 2xx, not " + reply);
            }
        }

        @Override
        public Accepted withDsn() {
            return new Records.Accepted(upstream, reply, true, took);
        }

        @Override
        public Accepted withTook(Duration newTook) {
            return new Records.Accepted(upstream, reply, dsn, newTook);
        }
    }

    record Deferred(
            String upstream,
            DeliveryResult.Reason reason,
            Optional<Reply> reply,
            String detail,
            Duration took,
            List<DeliveryResult.RefusedRecipient> recipients)
            implements DeliveryResult.Deferred {
        Deferred {
            recipients = List.copyOf(recipients);
        }

        @Override
        public Deferred withReply(Reply newReply) {
            return new Records.Deferred(upstream, reason, Optional.of(newReply), detail, took, recipients);
        }

        @Override
        public Deferred withTook(Duration newTook) {
            return new Records.Deferred(upstream, reason, reply, detail, newTook, recipients);
        }

        @Override
        public Deferred withRecipients(List<DeliveryResult.RefusedRecipient> newRecipients) {
            return new Records.Deferred(upstream, reason, reply, detail, took, newRecipients);
        }
    }

    record Rejected(
            String upstream,
            Reply reply,
            List<DeliveryResult.RefusedRecipient> recipients,
            Duration took,
            boolean anotherMayTry)
            implements DeliveryResult.Rejected {
        Rejected {
            if (reply.code() / 100 != 5) {
                throw new IllegalArgumentException("reply must be 5xx, not " + reply);
            }
            recipients = List.copyOf(recipients);
        }

        @Override
        public Rejected withTook(Duration newTook) {
            return new Records.Rejected(upstream, reply, recipients, newTook, anotherMayTry);
        }

        @Override
        public Rejected andAnotherMayTry() {
            return new Records.Rejected(upstream, reply, recipients, took, true);
        }
    }

    record SessionInfo(
            ClientInfo client,
            Optional<Identity> identity,
            Instant since,
            Optional<Instant> lastCommand,
            dev.postern.spi.SessionInfo.Phase phase,
            int messages,
            long octetsIn)
            implements dev.postern.spi.SessionInfo {
        @Override
        public SessionInfo withIdentity(Identity newIdentity) {
            return new SessionInfo(client, Optional.of(newIdentity), since, lastCommand, phase, messages, octetsIn);
        }

        @Override
        public SessionInfo withLastCommand(Instant newLastCommand) {
            return new SessionInfo(client, identity, since, Optional.of(newLastCommand), phase, messages, octetsIn);
        }

        @Override
        public SessionInfo withReceived(int newMessages, long newOctetsIn) {
            return new SessionInfo(client, identity, since, lastCommand, phase, newMessages, newOctetsIn);
        }
    }

    private record Connections(int all, int authenticated, int limit) {}

    private record Content(long memory, long memoryLimit, int files) {}

    record RelayFigures(
            Connections held,
            Content content,
            List<Upstream> upstreams,
            List<PlugIn> plugIns,
            Reservations reservations)
            implements dev.postern.spi.RelayFigures {

        static final RelayFigures NONE = new RelayFigures(
                new Connections(0, 0, 0), new Content(0, 0, 0), List.of(), List.of(), new Reservations(0, 0, 0));

        @Override
        public int connections() {
            return held.all;
        }

        @Override
        public int authenticated() {
            return held.authenticated;
        }

        @Override
        public int connectionLimit() {
            return held.limit;
        }

        @Override
        public long contentMemory() {
            return content.memory;
        }

        @Override
        public long contentMemoryLimit() {
            return content.memoryLimit;
        }

        @Override
        public int contentFiles() {
            return content.files;
        }

        @Override
        public RelayFigures withConnections(int all, int newAuthenticated, int limit) {
            return new RelayFigures(
                    new Connections(all, newAuthenticated, limit), content, upstreams, plugIns, reservations);
        }

        @Override
        public RelayFigures withContent(long memory, long memoryLimit, int files) {
            return new RelayFigures(held, new Content(memory, memoryLimit, files), upstreams, plugIns, reservations);
        }

        @Override
        public RelayFigures withUpstreams(List<Upstream> newUpstreams) {
            return new RelayFigures(held, content, List.copyOf(newUpstreams), plugIns, reservations);
        }

        @Override
        public RelayFigures withPlugIns(List<PlugIn> newPlugIns) {
            return new RelayFigures(held, content, upstreams, List.copyOf(newPlugIns), reservations);
        }

        @Override
        public RelayFigures withReservations(Reservations newReservations) {
            return new RelayFigures(held, content, upstreams, plugIns, newReservations);
        }
    }

    record RelayStarted(Supplier<dev.postern.spi.RelayFigures> source) implements RelayEvent.RelayStarted {
        @Override
        public dev.postern.spi.RelayFigures figures() {
            return source.get();
        }
    }

    record RelayClosed() implements RelayEvent.RelayClosed {
        static final Records.RelayClosed INSTANCE = new Records.RelayClosed();
    }

    record LoginJudged(dev.postern.spi.EventSession session, Optional<String> mechanism, Reply reply, Duration took)
            implements RelayEvent.LoginJudged {
        @Override
        public LoginJudged withMechanism(String newMechanism) {
            return new Records.LoginJudged(session, Optional.of(newMechanism), reply, took);
        }
    }

    record MessageReceived(
            dev.postern.spi.EventSession session, dev.postern.spi.Envelope envelope, Optional<MessageContent> content)
            implements RelayEvent.MessageReceived {}

    record MessageAnswered(
            dev.postern.spi.EventSession session,
            RelayEvent.Outcome outcome,
            Reply reply,
            long size,
            int recipients,
            Duration took)
            implements RelayEvent.MessageAnswered {
        @Override
        public MessageAnswered withSize(long newSize, int newRecipients) {
            return new Records.MessageAnswered(session, outcome, reply, newSize, newRecipients, took);
        }
    }

    record SessionOpened(dev.postern.spi.EventSession session) implements RelayEvent.SessionOpened {}

    record SessionClosed(
            dev.postern.spi.EventSession session,
            RelayEvent.End end,
            Duration lasted,
            Optional<Reply> farewell,
            int messages,
            long octetsIn,
            long octetsOut)
            implements RelayEvent.SessionClosed {
        @Override
        public SessionClosed withFarewell(Reply newFarewell) {
            return new Records.SessionClosed(
                    session, end, lasted, Optional.of(newFarewell), messages, octetsIn, octetsOut);
        }

        @Override
        public SessionClosed withMessages(int newMessages) {
            return new Records.SessionClosed(session, end, lasted, farewell, newMessages, octetsIn, octetsOut);
        }

        @Override
        public SessionClosed withOctetsIn(long newOctetsIn) {
            return new Records.SessionClosed(session, end, lasted, farewell, messages, newOctetsIn, octetsOut);
        }

        @Override
        public SessionClosed withOctetsOut(long newOctetsOut) {
            return new Records.SessionClosed(session, end, lasted, farewell, messages, octetsIn, newOctetsOut);
        }
    }

    record Authenticated(dev.postern.spi.EventSession session, Identity who) implements RelayEvent.Authenticated {}

    record Refused(dev.postern.spi.EventSession session, RelayEvent.Stage stage, Reply reply, String detail)
            implements RelayEvent.Refused {
        @Override
        public Refused withDetail(String newDetail) {
            return new Records.Refused(session, stage, reply, newDetail);
        }
    }

    record Relayed(dev.postern.spi.Submission submission, DeliveryResult.Accepted result, Duration took)
            implements RelayEvent.Relayed {
        @Override
        public dev.postern.spi.EventSession session() {
            return dev.postern.spi.EventSession.of(submission.client())
                    .withIdentity(submission.identity())
                    .withMessageId(submission.id());
        }
    }

    record NotRelayed(dev.postern.spi.Submission submission, DeliveryResult result, Reply reply, Duration took)
            implements RelayEvent.NotRelayed {
        @Override
        public dev.postern.spi.EventSession session() {
            return dev.postern.spi.EventSession.of(submission.client())
                    .withIdentity(submission.identity())
                    .withMessageId(submission.id());
        }
    }

    record PassedOver(dev.postern.spi.Submission submission, DeliveryResult result) implements RelayEvent.PassedOver {
        @Override
        public dev.postern.spi.EventSession session() {
            return dev.postern.spi.EventSession.of(submission.client())
                    .withIdentity(submission.identity())
                    .withMessageId(submission.id());
        }
    }

    record UpstreamLost(String upstream, int attempts, Duration pause, String detail)
            implements RelayEvent.UpstreamLost {}

    record UpstreamStillLost(String upstream, Duration pause, String detail) implements RelayEvent.UpstreamStillLost {}

    record UpstreamFound(String upstream, Duration lost) implements RelayEvent.UpstreamFound {}

    record QuotaThreshold(String account, QuotaPlan plan, QuotaUsage usage, int percent)
            implements RelayEvent.QuotaThreshold {}

    record QuotaAdjusted(QuotaAdjustment adjustment, QuotaUsage usage) implements RelayEvent.QuotaAdjusted {}

    record StoreLost(String store, StoreFailure then) implements RelayEvent.StoreLost {}

    record StoreFound(String store) implements RelayEvent.StoreFound {}
}
