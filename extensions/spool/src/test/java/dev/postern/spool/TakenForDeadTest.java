package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spool.Engine.Step;
import dev.postern.tools.OnAnyJdk;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that others take for dead in the middle of what it does, and that goes on under a new name. */
@OnAnyJdk
@Timeout(60)
class TakenForDeadTest {

    /** As one that was stopped between its look at its own lease and the claim: what it claims is the dead one's. */
    @Test
    void claimOfTheFormerName_isNotSentUnderTheNewOne(@TempDir Path directory) {
        AtomicInteger asked = new AtomicInteger();
        AtomicBoolean dead = new AtomicBoolean();
        CountDownLatch back = new CountDownLatch(2); // the second time under the new name
        try (Scene scene = new Scene(SpoolStore.directory(directory.resolve("spool")))) {
            scene.answer = message -> asked.getAndIncrement() == 0
                    ? DeliveryResult.deferred("up", Reason.FAILED, "not now") // so that a claim follows
                    : Scene.accepted();
            Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
                @Override
                public <T> T transact(Step step, Work<T> work) {
                    if (step == Step.CLAIM && dead.compareAndSet(false, true)) {
                        NodeTable unused = scene.takeOver(whole, "another");
                        Scene.await(back);
                    }
                    T result = super.transact(step, work);
                    if (step == Step.REGISTER) {
                        back.countDown();
                    }
                    return result;
                }
            }));
            spool.deliver(Scene.message("one", "bob@example.net"));
            scene.untilEmpty(spool);
            assertThat(scene.arrived).hasSize(1);
        }
    }
}
