package dev.postern.internal.content;

import dev.postern.internal.content.store.MemoryBudget;
import dev.postern.internal.content.store.Spool;
import dev.postern.internal.content.store.SpoolDirectory;
import dev.postern.internal.content.store.StoredContent;
import dev.postern.internal.content.wire.LineFramer;
import dev.postern.internal.reply.Judged;
import dev.postern.settings.Check;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageContent;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.StandardReply;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives, checks and holds message content. The gate is safe for use by several threads; a {@link Receiver} is used by
 * one at a time.
 */
public final class ContentGate implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ContentGate.class);

    private final MessageRules rules;
    private final ContentStorage storage;
    private final SenderDomains domains;
    private final String hostName;
    private final FixUps fixUps;
    private final MemoryBudget budget;
    private final SpoolDirectory directory;

    /**
     * Makes no file yet. {@code domains} is asked about the domain of From:; what it throws, {@link Receiver#finish}
     * throws.
     */
    public ContentGate(String hostName, MessageRules rules, ContentStorage storage, SenderDomains domains) {
        this.rules = rules;
        this.storage = storage;
        this.domains = domains;
        this.hostName = hostName;
        fixUps = new FixUps(hostName, rules);
        budget = new MemoryBudget(storage.memory());
        directory = new SpoolDirectory(storage.directory());
    }

    private ContentGate(ContentGate other, MessageRules rules) {
        this.rules = rules;
        storage = other.storage;
        domains = other.domains;
        hostName = other.hostName;
        fixUps = new FixUps(hostName, rules);
        budget = other.budget;
        directory = other.directory;
    }

    /** Removes what killed processes have left where content is stored: work for the start, since it looks at all that is there. */
    public void removeAbandoned() {
        directory.removeAbandoned();
    }

    /** Makes a gate with other rules, which holds content together with this one. Only one of the two is closed. */
    public ContentGate withRules(MessageRules newRules) {
        return new ContentGate(this, newRules);
    }

    /**
     * Makes ready for a message, before the client is told to send it.
     *
     * @param declaredSize octets by MAIL's SIZE parameter, -1 when it was not given
     * @param maxSize the most octets that this message may have, as RFC 1870 section 3 counts them
     * @return the receiver, or CONTENT_SPACE when there is no room for a message
     */
    public Judged<Receiver> open(long declaredSize, long maxSize) {
        Spool spool = new Spool(storage.memoryPerMessage(), budget, directory::newFile);
        if (declaredSize > storage.memoryPerMessage() && !directory.hasRoom(declaredSize)) {
            return Judged.refused(StandardReply.CONTENT_SPACE);
        }
        try {
            spool.prepare();
        } catch (IOException e) {
            LOG.warn("no room for a message's content, in memory or in {}: {}", storage.directory(), e.toString());
            release(spool);
            return Judged.refused(StandardReply.CONTENT_SPACE);
        }
        return Judged.passed(new Receiver(this, spool, maxSize));
    }

    /** {@return how many octets of memory the messages in flight hold} */
    public long memoryHeld() {
        return budget.held();
    }

    /** How many messages in flight are held in files. */
    public int filesHeld() {
        return budget.files();
    }

    /** Makes no file any more. Messages in flight keep what they hold until they are closed. */
    @Override
    public void close() {
        directory.close();
    }

    static void release(Spool spool) {
        try {
            spool.close();
        } catch (IOException e) {
            LOG.warn("closing a message's file", e);
        }
    }

    /**
     * Where a message comes from.
     *
     * @param authenticatedBySasl the identity comes of AUTH
     * @param extended the client said EHLO, not HELO
     * @param received when the content was complete
     */
    public record Origin(
            String messageId,
            ClientInfo client,
            Identity identity,
            boolean authenticatedBySasl,
            boolean extended,
            Envelope envelope,
            Instant received) {}

    /**
     * Content that passed.
     *
     * @param content what goes upstream, valid until the receiver is closed
     * @param author the one clear address of From:; empty where From: is not checked, or a notification has none
     */
    public record Checked(MessageContent content, Optional<MailAddress> author) {}

    /** Takes one message's content. */
    public static final class Receiver implements AutoCloseable {

        private final ContentGate gate;
        private final Spool spool;
        private final Reception reception;
        private final LineFramer framer;
        private boolean dotted;
        private boolean complete;

        private Receiver(ContentGate gate, Spool spool, long maxSize) {
            this.gate = gate;
            this.spool = spool;
            reception = new Reception(gate.rules, spool, maxSize);
            framer = new LineFramer(reception, gate.rules.checks(Check.LINE_ENDINGS));
        }

        /** Takes dot-stuffed octets of DATA. Returns how many it took: all, unless it found the end of data. */
        public int data(byte[] buffer, int offset, int length) {
            dotted = true;
            return framer.data(buffer, offset, length);
        }

        public boolean ended() {
            return framer.ended();
        }

        /** {@return how many octets were taken for nothing, because the message is refused already} */
        public long discarded() {
            return reception.discarded();
        }

        /** {@return why the message is refused, before its content is complete; empty as long as it is not} */
        public Optional<StandardReply> refusal() {
            return reception.refusal().map(Refusal::reply);
        }

        /** Takes octets of BDAT, all of them. */
        public void chunk(byte[] buffer, int offset, int length) {
            framer.chunk(buffer, offset, length);
        }

        /** Ends reception, after the end of data or the last chunk; a second time does nothing. */
        public void complete() {
            if (complete) {
                return;
            }
            complete = true;
            if (!framer.ended()) {
                if (dotted) {
                    throw new IllegalStateException("the end of data was not seen");
                }
                reception.admitLineEnd();
                framer.endChunks();
            }
            reception.complete();
        }

        /** How many octets were received, kept or not. */
        public long size() {
            return reception.size();
        }

        /** What was received, as it came, once it is complete; empty when it is refused already. */
        public Optional<MessageContent> received() {
            return reception.refusal().isPresent()
                    ? Optional.empty()
                    : Optional.of(StoredContent.of(spool, framer.eightBit()));
        }

        /**
         * Checks what was received, in the order of the catalogue. To be called once, after the end of data or the last
         * chunk.
         *
         * @return the content with its fix-ups, or the refusal; a refused message holds nothing any more
         */
        public Judged<Checked> finish(Origin origin) {
            complete();
            Optional<Refusal> refusal = reception.refusal();
            AuthorRule authors = new AuthorRule(gate.rules, gate.domains);
            if (refusal.isEmpty()) {
                boolean notification = origin.envelope().reversePath().address().isEmpty();
                refusal = authors.check(reception.header(), origin.identity(), notification);
            }
            if (refusal.isEmpty()) {
                try {
                    return Judged.passed(new Checked(
                            gate.fixUps.apply(origin, reception.header(), spool, framer.eightBit()), authors.author()));
                } catch (IOException e) {
                    LOG.warn("a message's file cannot be read: {}", e.toString());
                    refusal = Optional.of(new Refusal(StandardReply.CONTENT_SPACE, "file cannot be read"));
                }
            }
            close();
            return Judged.refused(
                    refusal.orElseThrow().reply().reply(), refusal.get().detail());
        }

        /** Frees memory and file. */
        @Override
        public void close() {
            release(spool);
        }
    }

    /** A refusal on its way out. */
    record Refusal(StandardReply reply, String detail) {}
}
