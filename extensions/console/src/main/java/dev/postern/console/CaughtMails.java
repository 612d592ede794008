package dev.postern.console;

import dev.postern.spi.MessageContent;
import dev.postern.spi.Submission;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The newest messages of a relay, in memory: so many, and so many octets together. Room is taken before a message is copied, so
 * that copies that are being made count too. Safe for use by several threads; copying and reading hold nobody up.
 */
final class CaughtMails {

    private static final Logger LOG = System.getLogger(CaughtMails.class.getName());
    private static final int KEY_OCTETS = 16;

    private final int most;
    private final long maxOctets;
    private final SecureRandom random = new SecureRandom();
    private final Deque<CaughtMail> mails = new ArrayDeque<>(); // guarded by this, as all below
    private long octets;
    private long number;
    private long dropped;
    private long version;

    /** What there is at a moment: the newest first, how many more there were, and how many changes. */
    record Listing(List<CaughtMail> mails, long dropped, long version) {}

    CaughtMails(int most, long maxOctets) {
        this.most = most;
        this.maxOctets = maxOctets;
    }

    void add(Submission submission) {
        long size = submission.content().size();
        if (!takeRoom(size)) {
            return;
        }
        try {
            keep(submission, copy(submission.content()));
        } catch (IOException e) {
            giveBack(size);
            LOG.log(Level.WARNING, "message " + submission.id() + " is not shown, for it cannot be read", e);
        }
    }

    private static byte[] copy(MessageContent content) throws IOException {
        byte[] octets = new byte[Math.toIntExact(content.size())];
        try (InputStream in = content.open()) {
            int read = in.readNBytes(octets, 0, octets.length);
            if (read < octets.length) {
                throw new EOFException("it has " + read + " octets, not " + octets.length);
            }
        }
        return octets;
    }

    private synchronized boolean takeRoom(long size) {
        while (!mails.isEmpty() && octets + size > maxOctets && size <= maxOctets) {
            removeOldest();
        }
        if (octets + size > maxOctets) {
            dropped++;
            version++;
            return false;
        }
        octets += size;
        return true;
    }

    private synchronized void giveBack(long size) {
        octets -= size;
    }

    private synchronized void keep(Submission submission, byte[] content) {
        number++;
        mails.addLast(new CaughtMail(number, key(), submission, content));
        if (mails.size() > most) {
            removeOldest();
        }
        version++;
    }

    private void removeOldest() {
        octets -= mails.removeFirst().content().length;
        dropped++;
    }

    private String key() {
        byte[] key = new byte[KEY_OCTETS];
        random.nextBytes(key);
        return HexFormat.of().formatHex(key);
    }

    synchronized long version() {
        return version;
    }

    synchronized Listing list() {
        List<CaughtMail> all = new ArrayList<>(mails);
        Collections.reverse(all);
        return new Listing(all, dropped, version);
    }

    synchronized Optional<CaughtMail> find(long wanted) {
        return mails.stream().filter(mail -> mail.number() == wanted).findFirst();
    }

    synchronized void clear() {
        mails.forEach(mail -> octets -= mail.content().length);
        mails.clear();
        version++;
    }
}
