package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sessions made up by chance, run without sockets and threads. Whatever a client says: no exception, one
 * well-formed reply a command, an upstream that gets clean content only, and nothing held at the end.
 *
 * <p>A long run of all fuzz tests, and the same round of one again:
 *
 * <pre>
 * mvn test -pl spi,testkit,core -Dsurefire.failIfNoSpecifiedTests=false -Dtest='*FuzzTest' \
 *     -Dpostern.fuzz.rounds=20000 -Dpostern.fuzz.seed=$(date +%s)
 * mvn test -pl spi,testkit,core -Dsurefire.failIfNoSpecifiedTests=false -Dtest=DialogueFuzzTest \
 *     -Dpostern.fuzz.rounds=1 -Dpostern.fuzz.seed=SEED
 * </pre>
 */
@OnAnyJdk
@Timeout(value = Fuzz.MINUTES, unit = TimeUnit.MINUTES)
class DialogueFuzzTest {

    /** Seed 783891: what packs a verb into a number must not take NULs for nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"\0NOOP", "\0\0\0HELP", "\0\0\0\0RSET"})
    void refusesAVerbBehindNulWith500(String line, @TempDir Path directory) {
        try (Stand stand = Stand.open(directory);
                Client client = stand.connect()) {
            Stand.greet(client);
            client.say(line, 500);
        }
    }

    @Test
    void saysOneReplyToEachCommandAndHoldsNothingAtTheEnd(@TempDir Path directory) {
        AtomicInteger delivered = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        int sessions = Fuzz.run(400, random -> {
            FuzzedSession session = new FuzzedSession(random, directory);
            session.run();
            delivered.addAndGet(session.delivered());
            refused.addAndGet(session.refused());
        });
        if (sessions >= 100) {
            // the generator is worth its time: it comes to the end of the way, and is refused on it
            assertThat(delivered.get()).as("messages").isGreaterThan(sessions / 2);
            assertThat(refused.get()).as("refusals").isGreaterThan(sessions);
        }
    }
}
