package dev.postern.internal.upstream;

import dev.postern.internal.plugin.TimedCalls;
import dev.postern.internal.upstream.client.UpstreamException;
import dev.postern.internal.upstream.client.UpstreamException.Kind;
import dev.postern.spi.RelayClock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Looks an upstream's name up: on a thread of its own, for the JDK waits for name servers as long as the system likes, and
 * nothing ends that wait. An address is none to look up.
 */
final class NameLookup {

    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

    /** What knows names. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    private final String host;
    private final Resolver resolver;
    private final RelayClock clock;
    private final TimedCalls calls;

    /** {@code most} lookups run at a time, those that were given up and still run included. */
    NameLookup(String host, Resolver resolver, int most, RelayClock clock) {
        this.host = host;
        this.resolver = resolver;
        this.clock = clock;
        this.calls = new TimedCalls("postern-name-lookup", clock, most);
    }

    /** The name's addresses, at least one; waits until a moment as {@link RelayClock#nanoTime()} counts. */
    InetAddress[] addresses(long deadline) throws UpstreamException {
        List<InetAddress> found = ADDRESS.matcher(host).matches() ? ask() : askElsewhere(deadline);
        if (found.isEmpty()) {
            throw new UpstreamException(Kind.UNUSABLE, "no address: " + host);
        }
        return found.toArray(InetAddress[]::new);
    }

    private List<InetAddress> ask() {
        try {
            return List.of(resolver.addresses(host));
        } catch (UnknownHostException e) {
            return List.of();
        }
    }

    private List<InetAddress> askElsewhere(long deadline) throws UpstreamException {
        long begun = clock.nanoTime();
        try {
            return calls.call(this::ask, deadline, late -> {});
        } catch (RejectedExecutionException e) {
            throw new UpstreamException(
                    Kind.UNUSABLE, "no address: too many lookups of " + host + " have not ended yet");
        } catch (TimeoutException e) {
            String limit = Duration.ofNanos(deadline - begun).toString();
            throw new UpstreamException(
                    Kind.TIMED_OUT, "no address: lookup of " + host + " did not end within " + limit);
        } catch (ExecutionException e) {
            throw new UpstreamException(
                    Kind.UNUSABLE,
                    "no address: " + host + ": "
                            + Objects.requireNonNullElse(e.getCause(), e)
                                    .getClass()
                                    .getName());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UpstreamException(Kind.UNUSABLE, "no address: lookup of " + host + " was given up");
        }
    }
}
