package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.SessionLimits;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Logins of one address at once, where ten may fail. */
class ParallelLoginsTest {

    private static final int SESSIONS = 40;
    private static final int LIMIT = 10;

    private final AtomicInteger looked = new AtomicInteger();
    private final AtomicInteger looking = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final CountDownLatch full = new CountDownLatch(LIMIT);

    /** Does not answer before as many as may be looked at are. */
    private Authenticator slow(Authenticator users) {
        return (credentials, client) -> {
            looked.incrementAndGet();
            most.accumulateAndGet(looking.incrementAndGet(), Math::max);
            full.countDown();
            try {
                full.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return AuthResult.unavailable("interrupted");
            }
            looking.decrementAndGet();
            return users.authenticate(credentials, client);
        };
    }

    private static StandardReply row(ProbeReply reply) throws IOException {
        for (StandardReply row : List.of(
                StandardReply.AUTH_SUCCEEDED, StandardReply.AUTH_CREDENTIALS_INVALID, StandardReply.AUTH_BLOCKED)) {
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            row.reply().writeTo(wire);
            if (Arrays.equals(wire.toByteArray(), reply.wire())) {
                return row;
            }
        }
        throw new AssertionError("an answer to AUTH that nobody expects: " + reply);
    }

    private List<StandardReply> logins(IntFunction<String> password) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(SESSIONS);
        CyclicBarrier start = new CyclicBarrier(SESSIONS);
        try (Scene scene = Scene.bare(b -> b.authenticator(slow(Scene.users()))
                .allowPlaintextAuth()
                .sessions(SessionLimits.defaults().withPerUser(Integer.MAX_VALUE)))) {
            List<Future<ProbeReply>> logins = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                SmtpProbe probe = scene.ready(Access.CLEAR);
                String mine = password.apply(i);
                logins.add(threads.submit(() -> {
                    start.await();
                    return probe.authPlain("alice@client.test", mine);
                }));
            }
            List<StandardReply> replies = new ArrayList<>();
            for (Future<ProbeReply> login : logins) {
                replies.add(row(login.get()));
            }
            return replies;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void neverMoreGuessesAreLookedAtThanMayFail() throws Exception {
        List<StandardReply> replies = logins(i -> "guess-" + i);
        assertThat(looked).hasValue(LIMIT);
        assertThat(replies.stream().collect(Collectors.groupingBy(row -> row, Collectors.counting())))
                .containsOnly(
                        Map.entry(StandardReply.AUTH_CREDENTIALS_INVALID, (long) LIMIT),
                        Map.entry(StandardReply.AUTH_BLOCKED, (long) SESSIONS - LIMIT));
    }

    /** As from an office behind one address: those over the number wait for the ones that are being looked at. */
    @Test
    void rightLoginsAllSucceedHoweverManyThereAre() throws Exception {
        assertThat(logins(i -> "alice")).hasSize(SESSIONS).containsOnly(StandardReply.AUTH_SUCCEEDED);
        assertThat(looked).hasValue(SESSIONS);
        assertThat(most.get()).isBetween(1, LIMIT);
    }

    /** Nine wrong ones leave room for one at a time. */
    @Test
    void wrongOnesAmongThemLeaveRoomForTheRightOnes() throws Exception {
        List<StandardReply> replies = logins(i -> i < LIMIT - 1 ? "guess-" + i : "alice");
        assertThat(replies.stream().collect(Collectors.groupingBy(row -> row, Collectors.counting())))
                .containsOnly(
                        Map.entry(StandardReply.AUTH_CREDENTIALS_INVALID, (long) LIMIT - 1),
                        Map.entry(StandardReply.AUTH_SUCCEEDED, (long) SESSIONS - LIMIT + 1));
    }
}
