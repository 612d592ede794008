package dev.postern.spool;

import dev.postern.spool.SpooledMessage.State;
import dev.postern.spool.Tables.Load;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** How many of an account wait, and of all. Safe for use by several threads. */
final class Loads {

    /** Of all accounts; when the oldest came is 0 when there is none. */
    record Totals(long messages, long octets, long unreachable, long held, long oldestMillis) {}

    private static final int MAX_KEPT = 3;
    private static final Comparator<SpooledAccount> FEWEST_FIRST = Comparator.comparingLong(SpooledAccount::messages)
            .thenComparing(SpooledAccount::account, Comparator.reverseOrder());

    private Map<String, long[]> accounts = new HashMap<>();
    private long messages;
    private long octets;
    private long unreachable;
    private long held;
    private long oldestMillis;
    private Map<String, long[]> meanwhile = new HashMap<>(); // what has come and left since the rows began to be read
    private final Map<String, long[]> coming = new HashMap<>(); // what is counted, and not committed yet
    private int kept; // in a row

    synchronized void add(String account, long newMessages, long newOctets) {
        add(meanwhile, account, newMessages, newOctets);
        count(account, newMessages, newOctets);
    }

    /** Counts one that comes, unless it is too much; {@link #came} is to be called then. */
    synchronized boolean comes(SpoolSettings settings, String account, long newOctets) {
        if (full(settings, account, newOctets)) {
            return false;
        }
        add(account, 1, newOctets);
        add(coming, account, 1, newOctets);
        return true;
    }

    /** One has come, or has not. */
    synchronized void came(String account, long newOctets, boolean done) {
        if (add(coming, account, -1, -newOctets)[0] == 0) {
            coming.remove(account);
        }
        if (!done) {
            add(account, -1, -newOctets);
        }
    }

    private static long[] add(Map<String, long[]> to, String account, long newMessages, long newOctets) {
        long[] ofAccount = to.computeIfAbsent(account, any -> new long[2]);
        ofAccount[0] += newMessages;
        ofAccount[1] += newOctets;
        return ofAccount;
    }

    private void count(String account, long newMessages, long newOctets) {
        add(accounts, account, newMessages, newOctets);
        messages += newMessages;
        octets += newOctets;
    }

    /** The rows are read next. */
    synchronized void begin() {
        meanwhile = new HashMap<>();
        coming.forEach((account, more) -> meanwhile.put(account, more.clone()));
    }

    /**
     * Goes by the rows from now on. When something came or left while they were read, nobody knows whether they have it: then
     * our own count stays, which is right but for what other nodes and operators do; not for long, for these count too.
     */
    synchronized void replace(List<Load> all, long newOldestMillis) {
        oldestMillis = newOldestMillis;
        unreachable = 0;
        held = 0;
        for (Load load : all) {
            unreachable += load.state() == State.UNREACHABLE ? load.messages() : 0;
            held += load.state() == State.HELD ? load.messages() : 0;
        }
        if (meanwhile.isEmpty() || kept == MAX_KEPT) {
            kept = 0;
            recount(all);
        } else {
            kept++;
        }
    }

    private void recount(List<Load> all) {
        accounts = new HashMap<>();
        messages = 0;
        octets = 0;
        for (Load load : all) {
            count(load.account(), load.messages(), load.octets());
        }
        meanwhile.forEach((account, more) -> { // rather twice than not at all
            if (more[0] > 0) {
                count(account, more[0], more[1]);
            }
        });
    }

    /** Whether one more, of so many octets, is too much. */
    synchronized boolean full(SpoolSettings settings, String account, long more) {
        long[] ofAccount = accounts.getOrDefault(account, new long[2]);
        return settings.full(messages + 1, octets + more)
                || settings.fullForAccount(ofAccount[0] + 1, ofAccount[1] + more);
    }

    synchronized Totals totals() {
        // what leaves may be gone from the rows before it is taken off here
        long waiting = Math.max(messages, unreachable + held);
        return new Totals(waiting, Math.max(0, octets), unreachable, held, waiting == 0 ? 0 : oldestMillis);
    }

    /** Accounts with the most messages, in that order. */
    synchronized List<SpooledAccount> largest(int most) {
        PriorityQueue<SpooledAccount> largest = new PriorityQueue<>(FEWEST_FIRST);
        accounts.forEach((account, load) -> {
            SpooledAccount fewest = largest.peek();
            if (load[0] > 0 && (fewest == null || largest.size() < most || load[0] >= fewest.messages())) {
                largest.add(new SpooledAccount(account, load[0], load[1]));
                if (largest.size() > most) {
                    largest.remove();
                }
            }
        });
        return largest.stream().sorted(FEWEST_FIRST.reversed()).toList();
    }
}
