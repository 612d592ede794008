package dev.postern.internal.upstream;

import dev.postern.internal.time.TimedCall;
import dev.postern.internal.upstream.UpstreamException.Kind;
import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The host's supplier of access tokens, which mostly asks a server of its own: called on a thread of its own, and not
 * waited for longer than for a reply. What it throws may show the token, so only its type is told.
 */
final class AccessTokens {

    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*"); // RFC 6750 section 2.1

    private final Supplier<String> supplier;
    private final RelayClock clock;
    private final Semaphore calls;

    /**
     * Makes it.
     *
     * @param supplier the host's
     * @param most so many calls at a time, those that are waited for no more and run still included
     * @param clock the relay's clock
     */
    AccessTokens(Supplier<String> supplier, int most, RelayClock clock) {
        this.supplier = supplier;
        this.clock = clock;
        this.calls = new Semaphore(most);
    }

    /**
     * Asks for one.
     *
     * @param deadline until when, as {@link RelayClock#nanoTime()} counts
     */
    String next(long deadline) throws UpstreamException {
        long begun = clock.nanoTime();
        if (!calls.tryAcquire()) {
            throw failed("has not returned from too many calls");
        }
        FutureTask<String> call = new FutureTask<>(supplier::get);
        Thread thread = new Thread(() -> runAndLeave(call), "postern-access-token");
        thread.setDaemon(true);
        start(thread);
        String token = await(call, begun, deadline);
        if (token == null || !TOKEN.matcher(token).matches()) {
            throw failed("gave no token of RFC 6750 section 2.1");
        }
        return token;
    }

    private void start(Thread thread) {
        boolean started = false;
        try {
            thread.start();
            started = true;
        } finally {
            if (!started) {
                calls.release(); // the system has no more threads
            }
        }
    }

    private void runAndLeave(FutureTask<String> call) {
        try {
            call.run();
        } finally {
            calls.release();
        }
    }

    private String await(FutureTask<String> call, long begun, long deadline) throws UpstreamException {
        try {
            return TimedCall.await(call, clock, deadline);
        } catch (TimeoutException e) {
            Duration limit = Duration.ofNanos(deadline - begun);
            throw new UpstreamException(Kind.TIMED_OUT, text("did not answer within " + limit));
        } catch (ExecutionException e) {
            throw failed("threw "
                    + Objects.requireNonNullElse(e.getCause(), e).getClass().getName());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("was given up: the relay stops");
        }
    }

    private static UpstreamException failed(String how) {
        return new UpstreamException(Kind.UNUSABLE, text(how));
    }

    private static String text(String how) {
        return "AUTH: the supplier of the access token " + how;
    }
}
