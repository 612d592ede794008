package dev.postern.console;

import dev.postern.SmtpRelay;
import dev.postern.management.Management;
import dev.postern.management.ManagementPages;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import org.jspecify.annotations.Nullable;

/**
 * A page for people, at {@code /} of a relay's {@link Management}: live figures, what is refused and why, sessions,
 * upstreams, quota, health, and where it is asked for the mail that was relayed. It is a listener that counts: give it to {@code
 * SmtpRelayBuilder.listener}, beside others by {@link RelayListener#all}, and its {@link #pages} to {@link
 * Management#withPages}. It is quick, and what browsers do cannot slow it down; so it needs no {@link RelayListener#async},
 * with which it would catch no mail.
 *
 * <p>One for each relay. Safe for use by several threads.
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
     * Makes a console that sees no mail.
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
     * Keeps a copy of each message that was relayed, in memory, and shows it to whoever may see the page: for development,
     * where the upstream delivers to nobody. A message is copied before its client gets the reply. To be called before the
     * relay starts. Default: none is kept.
     *
     * @param most how many are kept, the newest; 1 to 10,000
     * @param octets how many octets they may have together, 1 or more; a message above that is not kept
     * @return a copy, whose counts are 0
     * @throws IllegalArgumentException when one is out of its range
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
     * Makes the pages.
     *
     * @param relay the relay that this console listens to, which stays the caller's to close
     * @return what to give to {@link Management#withPages}
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
