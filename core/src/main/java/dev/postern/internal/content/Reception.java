package dev.postern.internal.content;

import dev.postern.internal.content.ContentGate.Refusal;
import dev.postern.internal.content.header.HeaderSection;
import dev.postern.internal.content.mime.LineSplitter;
import dev.postern.internal.content.mime.StructureLimits;
import dev.postern.internal.content.store.Spool;
import dev.postern.internal.content.wire.LineFramer;
import dev.postern.settings.MessageRules;
import dev.postern.spi.StandardReply;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts, stores and inspects clean octets as they come. As soon as the message is lost, what is held is freed; the rest
 * is only counted, so that the reply does not depend on which of two defects comes first.
 */
final class Reception implements LineFramer.Sink {

    private static final Logger LOG = LoggerFactory.getLogger(Reception.class);

    /** The catalogue's order of checks. */
    private static final List<StandardReply> ORDER = List.of(
            StandardReply.MESSAGE_TOO_LARGE,
            StandardReply.CONTENT_SPACE,
            StandardReply.BARE_LINE_ENDINGS,
            StandardReply.MIME_INVALID);

    private final Spool spool;
    private long maxSize;
    private final LineSplitter lines;
    private long size;
    private long discarded;
    private @Nullable Refusal refusal;

    Reception(MessageRules rules, Spool spool, long maxSize) {
        this.spool = spool;
        this.maxSize = maxSize;
        lines = new LineSplitter(rules, StructureLimits.DEFAULTS);
    }

    @Override
    public void accept(byte[] buffer, int offset, int length) {
        size += length;
        if (size > maxSize && size - length <= maxSize) {
            lose(new Refusal(StandardReply.MESSAGE_TOO_LARGE, "over " + maxSize + " octets"));
        }
        if (refusal != null) {
            discarded += length;
            return;
        }
        try {
            spool.write(buffer, offset, length);
        } catch (IOException e) {
            noSpace(e);
            return;
        }
        lines.accept(buffer, offset, length);
        lines.defect().ifPresent(defect -> lose(new Refusal(StandardReply.MIME_INVALID, defect)));
    }

    @Override
    public void defect(String what) {
        lose(new Refusal(StandardReply.BARE_LINE_ENDINGS, what));
    }

    /** Lets the CRLF in that is added to content without one: the client has kept the limit. */
    void admitLineEnd() {
        maxSize = Math.max(maxSize, size + 2);
    }

    long size() {
        return size;
    }

    /** How many octets came after the message was lost. */
    long discarded() {
        return discarded;
    }

    /** Why the message is lost, as far as it is known. */
    Optional<Refusal> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** What the header section holds; to be asked after {@link #complete()} only. */
    HeaderSection header() {
        return lines.header();
    }

    /** Ends storage and lines; from then on {@link #refusal()} knows all that can be known. */
    void complete() {
        if (refusal != null) {
            return;
        }
        try {
            spool.flush();
            lines.end();
            lines.defect().ifPresent(defect -> lose(new Refusal(StandardReply.MIME_INVALID, defect)));
        } catch (IOException e) {
            noSpace(e);
        }
    }

    /** A full disk refuses each message: one line for each, and nothing that a stack could add. */
    private void noSpace(IOException e) {
        LOG.warn("a message's file cannot be written: {}", e.toString());
        lose(new Refusal(StandardReply.CONTENT_SPACE, "file cannot be written"));
    }

    private void lose(Refusal reason) {
        Refusal before = refusal;
        if (before == null) {
            ContentGate.release(spool);
        }
        if (before == null || ORDER.indexOf(reason.reply()) < ORDER.indexOf(before.reply())) {
            refusal = reason;
        }
    }
}
