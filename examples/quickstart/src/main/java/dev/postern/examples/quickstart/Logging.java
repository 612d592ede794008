package dev.postern.examples.quickstart;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log on standard error, for standard output is for what the relay captured. Logback finds it as a service. */
public final class Logging extends ContextAwareBase implements Configurator {

    /** How lines are written. */
    enum Format {
        TEXT,
        JSON;

        static Format parse(String text) {
            return constant(text, values());
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What is written. */
    enum Level {
        ERROR(ch.qos.logback.classic.Level.ERROR),
        WARN(ch.qos.logback.classic.Level.WARN),
        INFO(ch.qos.logback.classic.Level.INFO),
        DEBUG(ch.qos.logback.classic.Level.DEBUG),
        TRACE(ch.qos.logback.classic.Level.TRACE);

        private final ch.qos.logback.classic.Level logbacks;

        Level(ch.qos.logback.classic.Level logbacks) {
            this.logbacks = logbacks;
        }

        static Level parse(String text) {
            return constant(text, values());
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Milliseconds since the start: to format a date for each line costs more than a tenth of relaying a small message. What
     * collects the lines (journald, a container's runtime) knows the time. JSON has the time, as a number.
     */
    private static final String TEXT_LINE = "%relative %level %logger{0} - %msg%n";

    /** Libraries whose news are of no use to whoever runs the relay. */
    private static final List<String> QUIET = List.of("org.subethamail", "org.apache.tika", "org.eclipse.angus");

    /** For Logback, which configures itself so until the options are known. */
    public Logging() {}

    @Override
    public ExecutionStatus configure(LoggerContext loggers) {
        set(loggers, Format.TEXT, Level.INFO, console());
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    static void configure(Format format, Level level) {
        configure(format, level, console());
    }

    /** Makes each line as ever, for that takes time and can be warmed up, and writes none. */
    static void intoNothing() {
        configure(Format.TEXT, Level.INFO, new OutputStreamAppender<>() {
            @Override
            public void start() {
                setOutputStream(OutputStream.nullOutputStream());
                super.start();
            }
        });
    }

    private static void configure(Format format, Level level, OutputStreamAppender<ILoggingEvent> appender) {
        LoggerContext loggers = (LoggerContext) LoggerFactory.getILoggerFactory();
        loggers.reset();
        set(loggers, format, level, appender);
    }

    private static OutputStreamAppender<ILoggingEvent> console() {
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setTarget("System.err");
        return console;
    }

    private static void set(
            LoggerContext loggers, Format format, Level level, OutputStreamAppender<ILoggingEvent> appender) {
        Encoder<ILoggingEvent> encoder = format == Format.JSON ? json() : text();
        encoder.setContext(loggers);
        encoder.start();
        appender.setContext(loggers);
        appender.setEncoder(encoder);
        appender.start();
        ch.qos.logback.classic.Logger root = loggers.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(level.logbacks);
        root.addAppender(appender);
        for (String library : QUIET) {
            loggers.getLogger(library).setLevel((level == Level.ERROR ? Level.ERROR : Level.WARN).logbacks);
        }
    }

    private static Encoder<ILoggingEvent> text() {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setPattern(TEXT_LINE);
        return encoder;
    }

    private static Encoder<ILoggingEvent> json() {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithContext(false);
        encoder.setWithMessage(false); // the one with its arguments filled in is enough
        encoder.setWithArguments(false);
        encoder.setWithFormattedMessage(true);
        return encoder;
    }

    private static <E extends Enum<E>> E constant(String text, E[] all) {
        return Stream.of(all)
                .filter(each -> each.toString().equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is none of "
                        + String.join(", ", Stream.of(all).map(E::toString).toList())));
    }
}
