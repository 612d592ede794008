package dev.postern.internal.upstream.client;

import dev.postern.internal.plugin.TimedCalls;
import dev.postern.internal.upstream.client.UpstreamException.Kind;
import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The host's supplier of access tokens, which mostly asks a server of its own: called on a thread of its own, and not
 * waited for longer than for a reply. What it throws may show the token, so only its type is told.
 */
public final class AccessTokens {

    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*"); // RFC 6750 section 2.1

    private final Supplier<String> supplier;
    private final RelayClock clock;
    private final TimedCalls calls;

    /** {@code most} calls run at a time, those that were given up and still run included. */
    public AccessTokens(Supplier<String> supplier, int most, RelayClock clock) {
        this.supplier = supplier;
        this.clock = clock;
        this.calls = new TimedCalls("postern-access-token", clock, most);
    }

    /** Asks for one, until a moment as {@link RelayClock#nanoTime()} counts. */
    String next(long deadline) throws UpstreamException {
        long begun = clock.nanoTime();
        String token = call(begun, deadline);
        if (token == null || !TOKEN.matcher(token).matches()) {
            throw failed("gave no token of RFC 6750 section 2.1");
        }
        return token;
    }

    private @Nullable String call(long begun, long deadline) throws UpstreamException {
        try {
            return calls.call(supplier, deadline, late -> {});
        } catch (RejectedExecutionException e) {
            throw failed("has not returned from too many calls");
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
