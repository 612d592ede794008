package dev.postern.guide;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.status.StatusUtil;
import dev.postern.tools.OnAnyJdk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The configuration of docs/logging.md is one that Logback takes. */
@OnAnyJdk
class LoggingPageTest {

    @Test
    void theConfigurationIsRight() throws Exception {
        LoggerContext context = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(new ByteArrayInputStream(configuration().getBytes(StandardCharsets.UTF_8)));
        assertThat(new StatusUtil(context).getHighestLevel(0))
                .as(() -> context.getStatusManager().getCopyOfStatusList().toString())
                .isZero();
        assertThat(context.getLogger("dev.postern.internal.auth.AuthGate").getEffectiveLevel())
                .isEqualTo(Level.INFO);
        assertThat(context.getLogger("org.example").getEffectiveLevel()).isEqualTo(Level.WARN);
        assertThat(context.getLogger("ROOT").getAppender("console")).isNotNull();
        context.stop();
    }

    private static String configuration() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "logging.md"));
        int begin = page.indexOf("<configuration>");
        String end = "</configuration>";
        return page.substring(begin, page.indexOf(end) + end.length());
    }
}
