package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class UpstreamTimeoutsTest {

    private static final Duration CLIENT = Duration.ofMinutes(10); // RFC 5321 section 4.5.3.2.6

    static Stream<Arguments> steps() {
        return Stream.of(
                step("connect", UpstreamTimeouts::connect, UpstreamTimeouts::withConnect),
                step("greeting", UpstreamTimeouts::greeting, UpstreamTimeouts::withGreeting),
                step("command", UpstreamTimeouts::command, UpstreamTimeouts::withCommand),
                step("mail", UpstreamTimeouts::mail, UpstreamTimeouts::withMail),
                step("rcpt", UpstreamTimeouts::rcpt, UpstreamTimeouts::withRcpt),
                step("dataInitiation", UpstreamTimeouts::dataInitiation, UpstreamTimeouts::withDataInitiation),
                step("dataBlock", UpstreamTimeouts::dataBlock, UpstreamTimeouts::withDataBlock),
                step("dataTermination", UpstreamTimeouts::dataTermination, UpstreamTimeouts::withDataTermination),
                step("delivery", UpstreamTimeouts::delivery, UpstreamTimeouts::withDelivery));
    }

    private static Arguments step(
            String name,
            Function<UpstreamTimeouts, Duration> time,
            BiFunction<UpstreamTimeouts, Duration, UpstreamTimeouts> with) {
        return arguments(name, time, with);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("steps")
    void eachTimeIsSetByItselfAndCheckedByName(
            String name,
            Function<UpstreamTimeouts, Duration> time,
            BiFunction<UpstreamTimeouts, Duration, UpstreamTimeouts> with) {
        UpstreamTimeouts defaults = UpstreamTimeouts.defaults();
        Duration before = time.apply(defaults);
        assertThat(before).isPositive().isLessThan(CLIENT);
        UpstreamTimeouts changed = with.apply(defaults, Duration.ofSeconds(7));
        assertThat(time.apply(changed)).isEqualTo(Duration.ofSeconds(7));
        assertThat(with.apply(changed, before)).as("the others").isEqualTo(defaults);
        for (Duration wrong : new Duration[] {
            Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(1).plusNanos(1)
        }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> with.apply(defaults, wrong))
                    .withMessageStartingWith(name + " must be positive");
        }
    }

    @Test
    void allStepsCanBeEquallyLong() {
        Duration minute = Duration.ofMinutes(1);
        UpstreamTimeouts each = UpstreamTimeouts.each(minute);
        assertThat(steps().map(step -> timeOf(step).apply(each)))
                .containsOnlyOnce(UpstreamTimeouts.defaults().delivery())
                .filteredOn(minute::equals)
                .hasSize(8);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UpstreamTimeouts.each(Duration.ZERO))
                .withMessageStartingWith("time must be positive");
    }

    @SuppressWarnings("unchecked")
    private static Function<UpstreamTimeouts, Duration> timeOf(Arguments step) {
        return (Function<UpstreamTimeouts, Duration>) step.get()[1];
    }
}
