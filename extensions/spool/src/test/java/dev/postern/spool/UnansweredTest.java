package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.Submission;
import dev.postern.spool.BreakingEngine.Break;
import dev.postern.spool.Engine.Step;
import dev.postern.tools.OnAnyJdk;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A message that is stored, though the answer was lost: its client hears that it is not, and sends it again. */
@OnAnyJdk
@Timeout(60)
class UnansweredTest {

    @Test
    void closedBeforeItIsForgotten_isNotSentBesideTheNextOne(@TempDir Path directory) {
        try (Scene scene = new Scene(SpoolStore.directory(directory.resolve("spool")))) {
            Submission message = Scene.message("one", "bob@example.net");
            String account = message.identity().account();
            Spool first =
                    scene.open(scene.store.wrapped(whole -> new BreakingEngine(whole, Step.PUT, Break.FAILS_AFTER)));
            first.suspendAccount(account, Duration.ofDays(1)); // so that no attempt begins at once
            assertThat(first.deliver(message)).isInstanceOf(Deferred.class);
            first.close();
            Spool second = scene.open();
            second.resumeAccount(account);
            assertThat(second.deliver(message)).isInstanceOf(Accepted.class);
            scene.untilEmpty(second);
            assertThat(scene.arrived).hasSize(1);
        }
    }
}
