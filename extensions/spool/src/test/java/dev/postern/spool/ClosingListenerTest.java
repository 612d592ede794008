package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.RelayListener;
import dev.postern.spool.SpoolEvent.Kind;
import dev.postern.tools.OnAnyJdk;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A listener that closes the spool, or the relay with it, when it hears of a message. */
@OnAnyJdk
@Timeout(60)
class ClosingListenerTest {

    @Test
    void messageOfWhichItHears_isNotSentAgain(@TempDir Path directory) {
        SpoolStore store = SpoolStore.directory(directory.resolve("spool"));
        AtomicInteger sent = new AtomicInteger();
        CompletableFuture<Spool> opened = new CompletableFuture<>();
        CompletableFuture<Void> closed = new CompletableFuture<>();
        opened.complete(Spool.builder(store)
                .listener(RelayListener.of(event -> {
                    if (event instanceof SpoolEvent of && of.kind() == Kind.RELAYED) {
                        opened.join().close();
                        closed.complete(null);
                    }
                }))
                .start(message -> {
                    sent.incrementAndGet();
                    return Scene.accepted();
                }));
        opened.join().deliver(Scene.message("one", "bob@example.net"));
        closed.join();
        try (Spool next = opened(store, sent)) {
            while (!next.list(SpoolFilter.all(), 1).isEmpty()) {
                Scene.pause();
            }
        }
        assertThat(sent).hasValue(1);
    }

    /** As soon as the one before has left the directory. */
    private static Spool opened(SpoolStore store, AtomicInteger sent) {
        while (true) {
            try {
                return Spool.builder(store).start(message -> {
                    sent.incrementAndGet();
                    return Scene.accepted();
                });
            } catch (SpoolException e) {
                Scene.pause();
            }
        }
    }
}
