package dev.postern.console;

import dev.postern.SmtpRelay;
import dev.postern.management.Management;
import dev.postern.management.ManagementPages;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import org.jspecify.annotations.Nullable;

/**
 * A web page at {@code /} of a relay's {@link Management}: live figures, refusals and their reasons, sessions,
 * upstreams, quota, health and, on request, the relayed mail. It is also a listener that counts: pass it to {@code
 * SmtpRelayBuilder.listener}, together with others by {@link RelayListener#all}, and its {@link #pages} to {@link
 * Management#withPages}. It is quick, and browsers cannot slow it down, so do not wrap it in {@link
 * RelayListener#async}, with which it would catch no mail.
 *
 * <p>Use one for each relay. Thread-safe.
 */
public final class Console implements RelayListener {

    private final RelayClock clock;
    private final Counts counts;
    private final @Nullable CaughtMails mails;

    private Console(RelayClock clock, @Nullable CaughtMails mails) {
        this.clock = clock;
        this.mails = mails;
        counts = new Counts(clock);
    }

    /**
     * Creates a console that keeps no mail.
     *
     * @return the console
     */
    public static Console create() {
        return create(RelayClock.system());
    }

    static Console create(RelayClock clock) {
        return new Console(clock, null);
    }

    /**
     * Keeps a copy of each relayed message in memory, and shows it to all who may see the page: for development, when
     * the upstream delivers to no one. A message is copied before its client gets the reply. Call this before the relay
     * starts. Default: none are kept.
     *
     * @param most how many of the newest messages are kept, 1 to 10,000
     * @param octets the limit of their total size, 1 or more; a larger message is not kept
     * @return a copy, with counts of 0
     * @throws IllegalArgumentException when an argument is out of bounds
     */
    public Console withMails(int most, long octets) {
        if (most < 1 || most > 10_000) {
            throw new IllegalArgumentException("most must be 1 to 10000, not " + most);
        }
        if (octets < 1) {
            throw new IllegalArgumentException("octets must be 1 or more, not " + octets);
        }
        return new Console(clock, new CaughtMails(most, octets));
    }

    /**
     * Returns the pages.
     *
     * @param relay the relay that this console listens to, which the caller still closes
     * @return the pages, to be passed to {@link Management#withPages}
     */
    public ManagementPages pages(SmtpRelay relay) {
        return new ConsolePages(new Snapshots(relay, counts, mails, clock), mails);
    }

    @Override
    public void sessionOpened(RelayEvent.SessionOpened event) {
        counts.greeted();
    }

    @Override
    public void loginJudged(RelayEvent.LoginJudged event) {
        if (event.reply().code() / 100 == 2 && event.mechanism().isPresent()) {
            counts.add(event.reply());
        }
    }

    @Override
    public void refused(RelayEvent.Refused event) {
        counts.add(event);
    }

    @Override
    public void messageAnswered(RelayEvent.MessageAnswered event) {
        counts.add(event.outcome());
        if (event.outcome() == RelayEvent.Outcome.ACCEPTED) {
            counts.add(event.reply());
        }
    }

    @Override
    public void relayed(RelayEvent.Relayed event) {
        if (mails != null) {
            mails.add(event.submission());
        }
    }

    /** Returns whether mail is kept. */
    @Override
    public String toString() {
        return mails == null ? "Console" : "Console with mails";
    }
}
