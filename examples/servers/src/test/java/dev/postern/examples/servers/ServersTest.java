package dev.postern.examples.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each server meets each scenario. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ServersTest {

    static Stream<Arguments> upstreams() {
        return Server.upstreams().stream()
                .flatMap(server -> Arrays.stream(UpstreamScenario.values()).map(what -> Arguments.of(server, what)));
    }

    static Stream<Arguments> senders() {
        return Server.senders().stream()
                .flatMap(server -> Arrays.stream(SenderScenario.values()).map(what -> Arguments.of(server, what)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("upstreams")
    void whatThisUpstreamTakesIsDelivered(Server server, UpstreamScenario scenario) throws Exception {
        server.assumeThere();
        assertThat(Observations.ofUpstream(server, scenario)).isNotEmpty();
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("senders")
    void whatThisServerSendsIsDeliveredOrComesBack(Server server, SenderScenario scenario) throws Exception {
        server.assumeThere();
        assertThat(Observations.ofSender(server, scenario)).isNotEmpty();
    }
}
