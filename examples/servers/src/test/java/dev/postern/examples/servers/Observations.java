package dev.postern.examples.servers;

import dev.postern.testkit.FakeUpstream;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was seen of each server, made once in this JVM, for the tests and for the page. */
final class Observations {

    private static final Map<Server, Map<UpstreamScenario, Object>> UPSTREAMS = new EnumMap<>(Server.class);
    private static final Map<Server, Map<SenderScenario, Object>> SENDERS = new EnumMap<>(Server.class);

    private Observations() {}

    static synchronized String ofUpstream(Server server, UpstreamScenario scenario) throws Exception {
        Map<UpstreamScenario, Object> seen = UPSTREAMS.get(server);
        if (seen == null) {
            seen = lookAtUpstream(server);
            UPSTREAMS.put(server, seen);
        }
        return cell(seen.get(scenario));
    }

    static synchronized String ofSender(Server server, SenderScenario scenario) throws Exception {
        Map<SenderScenario, Object> seen = SENDERS.get(server);
        if (seen == null) {
            seen = lookAtSender(server);
            SENDERS.put(server, seen);
        }
        return cell(seen.get(scenario));
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
                    seen.put(scenario, e);
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
                    seen.put(scenario, e);
                }
            }
        }
        return seen;
    }
}
