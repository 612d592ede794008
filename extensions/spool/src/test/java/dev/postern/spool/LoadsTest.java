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

    /** Else a spool that is full would take more. */
    @Test
    void whatComesWhileTheRowsAreRead_counts() {
        Loads loads = new Loads();
        loads.add("a", 1, 10);
        loads.begin();
        loads.add("b", 1, 10);
        loads.add("b", 1, 10);
        loads.add("b", -1, -10);
        loads.replace(List.of(new Load("a", State.READY, "", false, 0, 5, 50)), 1);
        assertThat(loads.totals().messages()).isEqualTo(6);
        loads.begin();
        loads.replace(List.of(new Load("a", State.READY, "", false, 0, 5, 50)), 1);
        assertThat(loads.totals().messages()).isEqualTo(5);
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
