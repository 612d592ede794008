package dev.postern.spool;

import dev.postern.spi.Envelope;
import dev.postern.spi.Identity;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import dev.postern.spi.Submission;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * A row of the messages with its recipients.
 *
 * @param receivedMillis since 1970
 * @param frozen what the row keeps as octets
 */
record Stored(
        String id,
        String account,
        boolean sending,
        long receivedMillis,
        long size,
        Course course,
        Frozen frozen,
        List<Progress> recipients)
        implements SpooledMessage {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final AtomicLong LAST = new AtomicLong();
    private static final int WITHIN_A_MILLISECOND = 1000;

    Stored {
        recipients = List.copyOf(recipients);
    }

    /** One that has not been tried yet. */
    static Stored fresh(String account, long now, long notice, long size, Frozen frozen, List<Recipient> recipients) {
        List<Progress> progress = recipients.stream()
                .map(recipient -> new Progress(recipient, Status.WAITING, ""))
                .toList();
        return new Stored(newId(now), account, false, now, size, Course.fresh(now, notice), frozen, progress);
    }

    /** Grows with each message, so that new rows stand beside each other, and a list has them as they came. */
    static String newId(long now) {
        byte[] octets = new byte[6];
        RANDOM.nextBytes(octets);
        long count = LAST.accumulateAndGet(now * WITHIN_A_MILLISECOND, (last, moment) -> Math.max(last + 1, moment));
        return Long.toString(count, 36) + HexFormat.of().formatHex(octets);
    }

    @Override
    public String submissionId() {
        return frozen.submissionId();
    }

    @Override
    public Identity identity() {
        return frozen.identity();
    }

    @Override
    public ReversePath reversePath() {
        return frozen.reversePath();
    }

    @Override
    public Instant received() {
        return Instant.ofEpochMilli(receivedMillis);
    }

    @Override
    public State state() {
        return course.state();
    }

    @Override
    public int attempts() {
        return course.attempts();
    }

    @Override
    public int doubled() {
        return course.doubled();
    }

    @Override
    public Instant due() {
        return Instant.ofEpochMilli(course.dueMillis());
    }

    /** The message to some of its recipients, as the upstream gets it. */
    Submission to(List<Recipient> some, MessageContent content) {
        Envelope envelope = new Envelope(frozen.reversePath(), frozen.parameters(), some);
        Submission submission =
                Submission.of(frozen.submissionId(), frozen.client(), frozen.identity(), envelope, content, received());
        return frozen.author().map(submission::withAuthor).orElse(submission);
    }

    /** As it is after an attempt. */
    Stored with(Map<Integer, Progress> changes) {
        List<Progress> changed = new ArrayList<>(recipients);
        changes.forEach(changed::set);
        return new Stored(id, account, sending, receivedMillis, size, course, frozen, changed);
    }

    Stored withSize(long newSize) {
        return new Stored(id, account, sending, receivedMillis, newSize, course, frozen, recipients);
    }

    long givesUpAt(SpoolSettings settings) {
        return receivedMillis + settings.giveUp().toMillis();
    }

    /** The positions of recipients that nothing became of yet. */
    List<Integer> waiting() {
        return IntStream.range(0, recipients.size())
                .filter(i -> recipients.get(i).status() == Status.WAITING)
                .boxed()
                .toList();
    }
}
