package dev.postern.examples.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each server meets each scenario. */
@Tag("tools")
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
        String seen = Observations.ofUpstream(server, scenario);
        if (server == Server.COURIER && scenario == UpstreamScenario.REFUSED_CONTENT) {
            assertThat(seen).isEqualTo(UpstreamScenario.NOT_TRIED);
            return;
        }
        switch (scenario) {
            case PARALLEL -> assertThat(seen).isEqualTo("80 of 80");
            case ONE_SESSION -> assertThat(seen).isEqualTo("7 of 7");
            case RECIPIENTS -> assertThat(seen).startsWith("60 of 60");
            // a permanent refusal, and the next message is sent
            case SIZE, REFUSED_RECIPIENT, REFUSED_CONTENT -> assertThat(seen).matches("5\\d\\d 5\\.\\d+\\.\\d+");
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("senders")
    void whatThisServerSendsIsDeliveredOrComesBack(Server server, SenderScenario scenario) throws Exception {
        server.assumeThere();
        String seen = Observations.ofSender(server, scenario);
        if (server == Server.NULLMAILER && scenario == SenderScenario.RECIPIENTS) {
            assertThat(seen).as("it does not split").isEqualTo("0 of 60");
            return;
        }
        if (server == Server.OPENSMTPD && scenario == SenderScenario.SIZE) {
            assertThat(seen).as("its bounce quotes all of it, and is too large").isEqualTo("no word");
            return;
        }
        switch (scenario) {
            case MESSAGES -> assertThat(seen).isEqualTo("40 of 40");
            case QUOTA -> assertThat(seen).isEqualTo("kept, sent later");
            case SIZE, CONTENT, RECIPIENT -> assertThat(seen).isEqualTo("bounce");
            case RECIPIENTS -> assertThat(seen).isEqualTo("60 of 60");
        }
    }
}
