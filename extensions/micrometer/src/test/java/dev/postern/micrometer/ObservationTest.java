package dev.postern.micrometer;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Reply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.micrometer.observation.transport.ReceiverContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One observation a message, whose scope is open while it is delivered. */
@OnAnyJdk
class ObservationTest {

    private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final String TRACED = "traceparent: " + PARENT + "\r\nTraceState: vendor=1\r\n" + Stand.MESSAGE;

    private final TestObservationRegistry observations = TestObservationRegistry.create();
    private final PosternMetrics metrics =
            PosternMetrics.bind(new SimpleMeterRegistry()).withObservations(observations);
    private final List<Observation.Context> stopped = Collections.synchronizedList(new ArrayList<>());

    ObservationTest() {
        observations.observationConfig().observationHandler(new ObservationHandler<Observation.Context>() {
            @Override
            public void onStop(Observation.Context context) {
                stopped.add(context);
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });
    }

    @Test
    void aMessageIsObservedUntilItsReply() {
        List<String> during = Collections.synchronizedList(new ArrayList<>());
        try (Stand stand = new Stand(
                        metrics,
                        builder -> builder.delivery(submission -> {
                            Observation current = observations.getCurrentObservation();
                            during.add(
                                    current == null
                                            ? "none"
                                            : current.getContext().getName());
                            return DeliveryResult.accepted("here", Reply.fromUpstream(250, List.of("Ok")));
                        }));
                SmtpProbe probe = stand.alice()) {
            assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(250);
            assertThat(Stand.send(probe, "From: mallory@elsewhere.test\r\n\r\nhello\r\n"))
                    .hasCode(554);
        }
        assertThat(during).containsExactly("postern.message");
        TestObservationRegistryAssert.assertThat(observations)
                .hasNumberOfObservationsWithNameEqualTo("postern.message", 2)
                .hasAnObservation(one -> one.hasLowCardinalityKeyValue("relay", "postern")
                        .hasLowCardinalityKeyValue("outcome", "accepted")
                        .hasLowCardinalityKeyValue("reply", "MESSAGE_ACCEPTED"))
                .hasAnObservation(one -> one.hasLowCardinalityKeyValue("outcome", "refused")
                        .hasLowCardinalityKeyValue("reply", "FROM_DOMAIN_MISMATCH"));
        assertThat(stopped).hasSize(2);
        assertThat(observations.getCurrentObservation()).isNull();
    }

    @Test
    void theClientsSpanGoesOnWhereThatIsAskedFor() {
        try (Stand stand = new Stand(metrics.continuingTraces());
                SmtpProbe probe = stand.alice()) {
            assertThat(Stand.send(probe, TRACED)).hasCode(250);
        }
        assertThat(stopped).singleElement().isInstanceOf(ReceiverContext.class);
        ReceiverContext<?> context = (ReceiverContext<?>) stopped.get(0);
        assertThat(fieldOf(context, "traceparent")).isEqualTo(PARENT);
        assertThat(fieldOf(context, "tracestate")).isEqualTo("vendor=1");
    }

    private static <C> @Nullable String fieldOf(ReceiverContext<C> context, String name) {
        return context.getGetter().get(Objects.requireNonNull(context.getCarrier()), name);
    }

    @Test
    void elseTheFieldIsNotLookedAt() {
        try (Stand stand = new Stand(metrics);
                SmtpProbe probe = stand.alice()) {
            assertThat(Stand.send(probe, TRACED)).hasCode(250);
        }
        assertThat(stopped).singleElement().isNotInstanceOf(ReceiverContext.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "traceparent: " + PARENT + "\r\ntraceparent: " + PARENT + "\r\n\r\n",
                "traceparent: " + PARENT + "\r\n\tmore\r\n\r\n",
                "traceparent: ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n",
                "traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01\r\n\r\n",
                "traceparent: 00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01\r\n\r\n",
                "traceparent: 00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01\r\n\r\n",
                "traceparent: " + PARENT + "x\r\n\r\n",
                "Subject: x\r\n\r\ntraceparent: " + PARENT + "\r\n",
                "tracestate: a=1\r\n\r\n",
                ""
            })
    void whatIsNoTraceIsNotBelieved(String content) {
        assertThat(TraceFields.of(TestSubmissions.content(content))).isEmpty();
    }

    @Test
    void aStateThatIsTooLongIsLeftOut() {
        String content = "traceparent: " + PARENT + "\r\ntracestate: " + "a".repeat(513) + "\r\n\r\n";
        assertThat(TraceFields.of(TestSubmissions.content(content))).containsOnlyKeys("traceparent");
    }
}
