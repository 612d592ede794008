package dev.postern.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.spi.QuotaAdjustment;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What a process holds when its engine's code throws an Error, as one does that has no memory for the answer. */
class HoldingsTest {

    private static final Ledgers.Key KEY = new Ledgers.Key("quota-messages", "acme");
    private static final Ledgers.Terms TERMS = new Ledgers.Terms(KEY, 0, Long.MAX_VALUE, 10);

    /** Does each request, and then throws what is next, if anything is. */
    private static final class Throwing implements Ledgers {
        private final Map<String, Long> held = new ConcurrentHashMap<>();
        private final Queue<Throwable> failures = new ArrayDeque<>();

        private void fail() {
            Throwable failure = failures.poll();
            if (failure instanceof Error error) {
                throw error;
            }
            if (failure instanceof RuntimeException exception) {
                throw exception;
            }
        }

        @Override
        public Answer hold(Terms terms, String id, long units) {
            held.merge(id, units, Long::sum);
            fail();
            return new Answer(true, units, standing(terms.key()));
        }

        /** Fails before it is done. */
        @Override
        public Standing settle(Key key, String id, long units) {
            fail();
            held.remove(id);
            return standing(key);
        }

        @Override
        public boolean holds(Key key, String id) {
            return held.containsKey(id);
        }

        @Override
        public Standing standing(Key key) {
            return new Standing(0, 0, 0, held.size());
        }

        @Override
        public Standing adjust(Key key, long start, QuotaAdjustment adjustment) {
            throw new UnsupportedOperationException();
        }
    }

    private final Throwing engine = new Throwing();
    private final Holdings holdings = new Holdings(engine);

    @Test
    void holdOfWhichNobodyHears_isGivenBack() {
        engine.failures.add(new OutOfMemoryError("of the driver"));
        assertThatThrownBy(() -> holdings.hold(TERMS, "one", 1)).isInstanceOf(OutOfMemoryError.class);
        assertThat(engine.held).containsKey("one");
        holdings.settleLeftovers();
        holdings.settleLeftovers();
        assertThat(engine.held).isEmpty();
    }

    @Test
    void errorWhileLeftoversAreSettled_forgetsNone() {
        List<String> ids = List.of("one", "two", "three");
        leaveOver(ids);
        engine.failures.add(new OutOfMemoryError("of the driver"));
        assertThatThrownBy(holdings::settleLeftovers).isInstanceOf(OutOfMemoryError.class);
        holdings.settleLeftovers();
        assertThat(engine.held).isEmpty();
        for (String id : ids) {
            assertThat(holdings.hold(TERMS, id, 1).granted()).isTrue(); // else it would be taken for one in doubt
        }
    }

    /** Each of them could take the engine's time-out, and together more than the lease, which the same thread renews. */
    @Test
    void engineThatGoesAwayWhileLeftoversAreSettled_isAskedOnceABeat() {
        leaveOver(List.of("one", "two", "three"));
        engine.failures.add(new StoreException("the store is away"));
        engine.failures.add(new StoreException("the store is still away"));
        holdings.settleLeftovers();
        assertThat(engine.failures).hasSize(1);
        assertThat(engine.held).hasSize(3);
        engine.failures.clear();
        holdings.settleLeftovers();
        assertThat(engine.held).isEmpty();
    }

    private void leaveOver(List<String> ids) {
        for (String id : ids) {
            holdings.hold(TERMS, id, 1);
        }
        for (String id : ids) {
            engine.failures.add(new StoreException("the store is away"));
            assertThatThrownBy(() -> holdings.settle(KEY, id, 1)).isInstanceOf(StoreException.class);
        }
    }
}
