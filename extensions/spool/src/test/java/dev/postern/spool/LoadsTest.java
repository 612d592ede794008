package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spool.SpooledMessage.State;
import dev.postern.spool.Tables.Load;
import dev.postern.tools.OnAnyJdk;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is known of accounts without asking the database. */
@OnAnyJdk
class LoadsTest {

    /** Nobody knows whether the rows have it: counted twice, it would refuse too much, and not at all, take too much. */
    @Test
    void whatComesWhileTheRowsAreRead_countsOnce() {
        Loads loads = new Loads();
        read(loads, 5);
        loads.begin();
        loads.add("b", 1, 10);
        loads.replace(rows(5), 1);
        assertThat(loads.totals().messages()).isEqualTo(6);
        loads.begin();
        loads.add("b", 1, 10);
        loads.replace(rows(7), 1);
        assertThat(loads.totals().messages()).isEqualTo(7);
    }

    /** It is in these rows or in the next ones; what was refused by the database is in none. */
    @Test
    void whatIsNotCommittedWhenTheRowsAreRead_countsOnce() {
        Loads loads = new Loads();
        read(loads, 5);
        for (boolean done : new boolean[] {true, false}) {
            assertThat(loads.comes(SpoolSettings.defaults(), "b", 10)).isTrue();
            read(loads, 5);
            loads.came("b", 10, done);
            assertThat(loads.totals().messages()).isEqualTo(6);
        }
    }

    /** It is what other nodes and operators do. */
    @Test
    void whatIsInTheRows_countsSoonAlsoWhenSomethingAlwaysComes() {
        Loads loads = new Loads();
        read(loads, 5);
        for (int readings = 1; loads.totals().messages() < 50; readings++) {
            assertThat(readings).isLessThan(10);
            loads.begin();
            loads.add("b", 1, 10);
            loads.replace(rows(100), 1);
        }
        read(loads, 3);
        assertThat(loads.totals().messages()).isEqualTo(3);
    }

    private static void read(Loads loads, long messages) {
        loads.begin();
        loads.replace(rows(messages), 1);
    }

    private static List<Load> rows(long messages) {
        return List.of(new Load("a", State.READY, "", false, 0, messages, 10 * messages));
    }

    @Test
    void largest_areThoseWithTheMostMessages_andNoneWithoutAny() {
        Loads loads = new Loads();
        for (String account : new String[] {"few", "many", "gone", "alike", "some"}) {
            loads.add(account, 2, 20);
        }
        loads.add("many", 5, 50);
        loads.add("some", 1, 1);
        loads.add("few", -1, -10);
        loads.add("gone", -2, -20);
        assertThat(loads.largest(3))
                .containsExactly(
                        new SpooledAccount("many", 7, 70),
                        new SpooledAccount("some", 3, 21),
                        new SpooledAccount("alike", 2, 20));
        assertThat(loads.largest(10)).hasSize(4);
    }
}
