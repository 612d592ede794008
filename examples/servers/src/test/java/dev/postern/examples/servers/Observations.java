package dev.postern.examples.servers;

import dev.postern.testkit.upstream.FakeUpstream;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of each server, made once in this JVM, for the tests and for the page: of all at the first question, some at a
 * time, for most of it is waiting.
 */
final class Observations {

    private static final int AT_A_TIME = 3;
    private static final Map<Server, Future<Map<UpstreamScenario, Object>>> UPSTREAMS = new EnumMap<>(Server.class);
    private static final Map<Server, Future<Map<SenderScenario, Object>>> SENDERS = new EnumMap<>(Server.class);

    static {
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
        there(Server.senders()).forEach(server -> SENDERS.put(server, threads.submit(() -> lookAtSender(server))));
        there(Server.upstreams())
                .forEach(server -> UPSTREAMS.put(server, threads.submit(() -> lookAtUpstream(server))));
        threads.shutdown();
    }

    private Observations() {}

    private static List<Server> there(List<Server> servers) {
        return servers.stream().filter(server -> server.version().isPresent()).toList();
    }

    static String ofUpstream(Server server, UpstreamScenario scenario) throws Exception {
        return cell(of(UPSTREAMS, server).get(scenario));
    }

    static String ofSender(Server server, SenderScenario scenario) throws Exception {
        return cell(of(SENDERS, server).get(scenario));
    }

    private static <T> Map<T, Object> of(Map<Server, Future<Map<T, Object>>> seen, Server server) throws Exception {
        Future<Map<T, Object>> table = seen.get(server);
        if (table == null) {
            throw new IllegalArgumentException(server.title() + " is not there");
        }
        try {
            return table.get();
        } catch (ExecutionException e) {
            throw new AssertionError(server.title() + ": " + e.getCause(), e);
        }
    }

    private static String cell(@Nullable Object seen) {
        if (seen instanceof Throwable failure) {
            throw new AssertionError(failure.getMessage(), failure);
        }
        return String.valueOf(seen);
    }

    private static Map<UpstreamScenario, Object> lookAtUpstream(Server server) throws Exception {
        Map<UpstreamScenario, Object> seen = new EnumMap<>(UpstreamScenario.class);
        try (FakeUpstream behind = FakeUpstream.start();
                World world = World.upstream(server, behind.port())) {
            for (UpstreamScenario scenario : UpstreamScenario.values()) {
                try {
                    seen.put(scenario, scenario.observe(server, world, behind));
                } catch (AssertionError | Exception e) {
                    seen.put(scenario, e); // is for the test of this one
                }
            }
        }
        return seen;
    }

    private static Map<SenderScenario, Object> lookAtSender(Server server) throws Exception {
        Map<SenderScenario, Object> seen = new EnumMap<>(SenderScenario.class);
        try (FakeUpstream behind = FakeUpstream.start();
                RelayOfSenders relay = new RelayOfSenders(behind);
                World world = World.sender(server, relay.port())) {
            SenderScenario.Scene scene = new SenderScenario.Scene(world, relay, behind);
            for (SenderScenario scenario : SenderScenario.values()) {
                try {
                    seen.put(scenario, scenario.run(scene));
                } catch (AssertionError | RuntimeException e) {
                    seen.put(scenario, e); // is for the test of this one
                }
            }
        }
        return seen;
    }
}
