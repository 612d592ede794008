package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose messages are next. */
@OnAnyJdk
class TurnsTest {

    /** The rows were read before it came, and do not have it. */
    @Test
    void whatComesWhileTheRowsAreRead_hasItsTurn() {
        Turns turns = new Turns();
        turns.fresh();
        turns.offer("a", 5);
        turns.replace(List.of());
        assertThat(turns.next()).isEqualTo(5);
        assertThat(turns.take(1, 5)).containsExactly("a");
        turns.fresh();
        turns.replace(List.of());
        assertThat(turns.take(1, 5)).isEmpty();
    }
}
