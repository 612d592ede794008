package dev.postern.passwords;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Who computes when. */
class TurnsTest {

    private final List<String> order = new CopyOnWriteArrayList<>();

    private Thread waiting(Turns turns, String who) throws InterruptedException {
        Thread thread = new Thread(() -> {
            try {
                boolean taken = turns.take(who);
                order.add(who + " " + taken);
                if (taken) {
                    turns.giveBack();
                }
            } catch (InterruptedException e) {
                order.add(who + " interrupted");
            }
        });
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
            Thread.onSpinWait();
        }
        return thread;
    }

    @Test
    void whoWasRightComesBeforeStrangersAndEachInOrder() throws InterruptedException {
        Turns turns = new Turns(1, 10);
        turns.wasRight("ann");
        turns.wasRight("bob");
        turns.wasRight("");
        assertThat(turns.take("first")).isTrue();
        List<Thread> all = List.of(
                waiting(turns, "stranger"),
                waiting(turns, ""),
                waiting(turns, "ann"),
                waiting(turns, "another"),
                waiting(turns, "bob"));
        assertThat(order).isEmpty();
        turns.giveBack();
        for (Thread one : all) {
            one.join();
        }
        assertThat(order).containsExactly("ann true", "bob true", "stranger true", " true", "another true");
        assertThat(turns.take("again")).isTrue();
    }

    @Test
    void whatWaitsOfOneWhoIsRightMeanwhileIsNoStrangersAnyMore() throws InterruptedException {
        Turns turns = new Turns(1, 10);
        assertThat(turns.take("ann")).isTrue();
        List<Thread> all = List.of(waiting(turns, "stranger"), waiting(turns, "ann"));
        turns.wasRight("ann");
        turns.giveBack();
        for (Thread one : all) {
            one.join();
        }
        assertThat(order).containsExactly("ann true", "stranger true");
    }

    @Test
    void whoWasRightAndComesAgainAndAgainKeepsNobodyOut() throws InterruptedException {
        Turns turns = new Turns(1, 10);
        turns.wasRight("ann");
        assertThat(turns.take("first")).isTrue();
        List<Thread> all = new ArrayList<>(List.of(waiting(turns, "stranger"), waiting(turns, "another")));
        for (int i = 0; i < 6; i++) {
            all.add(waiting(turns, "ann"));
        }
        turns.giveBack();
        for (Thread one : all) {
            one.join();
        }
        assertThat(order.indexOf("stranger true")).isEqualTo(4);
        assertThat(order.indexOf("another true")).isEqualTo(7);
    }

    @Test
    void noMoreWaitThanMay() throws InterruptedException {
        Turns turns = new Turns(1, 1);
        turns.wasRight("ann");
        assertThat(turns.take("first")).isTrue();
        Thread stranger = waiting(turns, "stranger");
        assertThat(turns.take("another")).isFalse();
        Thread ann = waiting(turns, "ann");
        assertThat(turns.take("ann")).isFalse();
        turns.giveBack();
        ann.join();
        stranger.join();
        assertThat(order).containsExactly("ann true", "stranger true");
    }

    @Test
    void whoIsInterruptedTakesNobodysTurn() throws InterruptedException {
        Turns turns = new Turns(1, 10);
        assertThat(turns.take("first")).isTrue();
        Thread gone = waiting(turns, "gone");
        gone.interrupt();
        gone.join();
        turns.giveBack();
        assertThat(turns.take("next")).isTrue();
        assertThat(order).containsExactly("gone interrupted");
    }

    @Test
    void aTurnThatDoesNotComeInTimeIsNone() throws InterruptedException {
        Turns turns = new Turns(1, 10);
        assertThat(turns.take("first")).isTrue();
        assertThat(turns.take("late")).isFalse();
        turns.giveBack();
        assertThat(turns.take("next")).isTrue();
    }

    @Test
    void thoseWhoWereRightLongAgoAreForgotten() throws InterruptedException {
        Turns turns = new Turns(1, 10);
        turns.wasRight("ann");
        for (int i = 0; i < 10_000; i++) {
            turns.wasRight("user " + i);
        }
        assertThat(turns.take("first")).isTrue();
        Thread stranger = waiting(turns, "stranger");
        Thread ann = waiting(turns, "ann");
        turns.giveBack();
        stranger.join();
        ann.join();
        assertThat(order).containsExactly("stranger true", "ann true");
    }
}
