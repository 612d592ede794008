package dev.postern.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.AuthSettings;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.settings.PoolSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.LoginThrottle;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the defaults that docs/limits.md names to those of the settings. */
@OnAnyJdk
class LimitsPageTest {

    /**
     * A row of the page.
     *
     * @param setting how its third column begins
     * @param defaults the second column
     */
    record Row(String setting, String defaults) {}

    static Stream<Row> rows() {
        MessageRules messages = MessageRules.defaults();
        SessionLimits sessions = SessionLimits.defaults();
        TimeLimits times = TimeLimits.defaults();
        PoolSettings pool = PoolSettings.defaults();
        CircuitSettings circuit = CircuitSettings.defaults();
        LoginThrottle.Rule failures = AuthSettings.defaults().failures();
        return Stream.of(
                new Row("`MessageRules.withMaxRecipients`", "" + messages.maxRecipients()),
                new Row("`MessageRules.withMaxSize`", octets(messages.maxSize())),
                new Row("`SessionLimits.withMessages`", "" + sessions.messages()),
                new Row("`SessionLimits.withLifetime`", minutes(sessions.lifetime())),
                new Row("`SessionLimits.withPerUser`", "" + sessions.perUser()),
                new Row("`SessionLimits.withPerAccount`", "" + sessions.perAccount()),
                new Row("`SessionLimits.withLoginWait`", seconds(sessions.loginWait())),
                new Row("`SessionLimits.withPerAddress`", "" + sessions.perAddress()),
                new Row("`SessionLimits.withConnections`", "" + sessions.connections()),
                new Row("`SessionLimits.withErrors`", "" + sessions.errors()),
                new Row("`TimeLimits.withInactivity`", seconds(times.inactivity())),
                new Row("`TimeLimits.withCommandLine`", minutes(times.commandLine())),
                new Row("`TimeLimits.withUnread`", seconds(times.unread())),
                new Row("`TimeLimits.withHandshake`", seconds(times.handshake()) + "; " + seconds(times.proxyHeader())),
                new Row("`TimeLimits.withContentRate`", times.contentRate() + " octets/s"),
                new Row("`TimeLimits.withPlugin`", seconds(times.plugin())),
                new Row("`TimeLimits.withReply`", minutes(times.reply())),
                new Row(
                        "`AuthSettings.withFailures`",
                        failures.failures() + " in " + minutes(failures.window()) + " block it for "
                                + minutes(failures.block())),
                new Row(
                        "`PoolSettings.withConnections`",
                        pool.min() + ", " + pool.max() + ", " + seconds(pool.maxWait())),
                new Row(
                        "`PoolSettings.withMaxIdle`",
                        seconds(pool.maxIdle()) + "; " + pool.maxMessages() + ", " + minutes(pool.maxAge())),
                new Row(
                        "`CircuitSettings`",
                        "after " + circuit.failures() + " attempts tried again in "
                                + circuit.firstPause().toMillis() + " ms, then ever later, up to once a second"),
                new Row(
                        "`ContentStorage.withMemoryPerMessage`",
                        octets(ContentStorage.defaults().memoryPerMessage())
                                + "; 64 MiB, or a quarter of the heap if that is less"));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aRowNamesTheDefault(Row row) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("..", "docs", "limits.md")).stream()
                .filter(line -> line.contains("| " + row.setting))
                .toList();
        assertThat(lines).singleElement().asString().contains("| " + row.defaults + " | " + row.setting);
    }

    private static String seconds(Duration time) {
        return time.toSeconds() + " s";
    }

    private static String minutes(Duration time) {
        return time.toMinutes() + " min";
    }

    private static String octets(long octets) {
        return octets % (1 << 20) == 0 ? octets / (1 << 20) + " MiB" : octets / 1024 + " KiB";
    }
}
