package dev.postern.spool;

import dev.postern.spool.SpooledMessage.State;
import dev.postern.spool.Tables.Load;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The order of accounts: each that has something due, once around. Safe for use by several threads. */
final class Turns {

    private final ArrayDeque<String> ready = new ArrayDeque<>();
    private final Set<String> inReady = new HashSet<>();
    private final Map<String, Long> later = new HashMap<>();
    private final Map<String, Long> meanwhile = new HashMap<>(); // what was offered since the rows began to be read
    private long noticesFrom;
    private boolean stale;

    synchronized void offer(String account, long due) {
        if (due == 0) {
            enter(account);
        } else {
            later.merge(account, due, Math::min);
            meanwhile.merge(account, due, Math::min);
        }
    }

    private void enter(String account) {
        if (inReady.add(account)) {
            ready.add(account);
        }
    }

    synchronized void replace(List<Load> all) {
        later.clear();
        for (Load load : all) {
            if (load.state() == State.READY && !load.owned()) {
                later.merge(load.account(), load.due(), Math::min);
            }
        }
        meanwhile.forEach((account, due) -> later.merge(account, due, Math::min)); // the rows may not have it yet
    }

    /** The next accounts in turn. */
    synchronized List<String> take(int most, long now) {
        later.entrySet().removeIf(entry -> {
            boolean due = entry.getValue() <= now;
            if (due) {
                enter(entry.getKey());
            }
            return due;
        });
        List<String> taken = new ArrayList<>();
        while (taken.size() < most && !ready.isEmpty()) {
            String account = ready.remove();
            inReady.remove(account);
            taken.add(account);
        }
        return taken;
    }

    /** When there is something to do next. */
    synchronized long next() {
        long next = Long.MAX_VALUE / 2_000_000;
        for (long due : later.values()) {
            next = Math.min(next, due);
        }
        return next;
    }

    synchronized void lookAtAll() {
        stale = true;
        noticesFrom = 0;
    }

    synchronized boolean isStale() {
        return stale;
    }

    /** The rows are read next. */
    synchronized void fresh() {
        stale = false;
        meanwhile.clear();
    }

    synchronized boolean noticesDue(long now) {
        return noticesFrom <= now;
    }

    synchronized void noNoticeBefore(long moment) {
        noticesFrom = moment;
    }
}
