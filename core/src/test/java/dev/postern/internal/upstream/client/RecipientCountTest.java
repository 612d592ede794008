package dev.postern.internal.upstream.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnAnyJdk
class RecipientCountTest {

    /** How many are taken, what is said to the next two, and the limit that this shows, 0 for none. */
    @ParameterizedTest
    @CsvSource({
        "40, 452 4.5.3 x, 452 4.5.3 x, 40",
        "1, 452 4.5.3 x, 452 4.5.3 x, 1",
        "40, 552 5.5.3 x, 552 5.5.3 x, 40",
        "40, 550 5.5.3 x, 550 5.5.3 x, 40",
        "10, 452 x, 452 x, 10",
        "10, 552 x, 552 x, 10",
        "10, 431 x, 431 x, 10",
        "9, 452 x, 452 x, 0", // it may be about storage
        "0, 452 4.5.3 x, 452 4.5.3 x, 0", // there is no recipient that it would be too many for
        "40, 452 4.5.3 x, 250 2.1.5 x, 0", // it was about that recipient alone
        "40, 452 4.5.3 x, 550 5.1.1 x, 0",
        "40, 452 4.2.2 x, 452 4.2.2 x, 0",
        "40, 450 4.2.0 x, 450 4.2.0 x, 0",
        "40, 421 4.5.3 x, 421 4.5.3 x, 0",
    })
    void findsTheNumberThatIsTaken(int taken, String next, String last, int limit) {
        RecipientCount count = new RecipientCount();
        for (int i = 0; i < taken; i++) {
            assertThat(count.heard(reply("250 2.1.5 ok"))).isFalse();
        }
        assertThat(count.limit()).isZero();
        boolean tooMany = count.heard(reply(next));
        count.heard(reply(last));
        assertThat(count.limit()).isEqualTo(limit);
        assertThat(tooMany || limit == 0).isTrue();
    }

    private static UpstreamReply reply(String line) {
        return new UpstreamReply(Integer.parseInt(line.substring(0, 3)), List.of(line.substring(4)));
    }
}
