package dev.postern.examples.quickstart;

import dev.postern.RelayStartException;
import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.management.ManagementServer;
import dev.postern.spool.SpoolException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command: starts a relay and runs it until it is told to end. */
@Command(
        name = "postern-quickstart",
        mixinStandardHelpOptions = true,
        versionProvider = Quickstart.Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        abbreviateSynopsis = true,
        header = "An SMTP submission relay. Without arguments it prints what it is sent, and says how to send.",
        footer = {
            "",
            "The file of --config and the environment can have every option: --config says how.",
            "SIGTERM ends the relay when the messages in flight are done. Exit codes: 0 ended so, 1 could not listen,",
            "2 wrong argument."
        })
public final class Quickstart implements Callable<Integer> {

    private final PrintStream out;

    private final Map<String, String> environment;

    /** For the command line's own errors, and --help; what counts is the configuration of all sources. */
    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli fills it in
    private final Options options = new Options();

    @Spec
    private @Nullable CommandSpec spec;

    /** What the JVM ends with when the relay is drained. */
    private volatile int exitCode = CommandLine.ExitCode.OK;

    /**
     * A command.
     *
     * @param out for what the relay captures, and what it says to people
     * @param environment where options may be, too
     */
    Quickstart(PrintStream out, Map<String, String> environment) {
        this.out = out;
        this.environment = environment;
    }

    /**
     * Runs the command.
     *
     * @param arguments see --help
     */
    public static void main(String... arguments) {
        // TLS 1.2 lets clients ask for handshakes again and again; the relay cuts them after one, a JVM can refuse it
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        // the HTTP server of --management has no other bound for them
        System.setProperty("jdk.httpserver.maxConnections", "200");
        System.exit(commandLine(new Quickstart(System.out, System.getenv())).execute(arguments));
    }

    static CommandLine commandLine(Quickstart command) {
        CommandLine line = withConverters(new CommandLine(command)
                .addSubcommand(new Check(command.out))
                .addSubcommand(new WarmUp(command.out))
                .addSubcommand(HashPassword.ofThisProcess(command.out)));
        Objects.requireNonNull(line.getSubcommands().get("hash-password")).setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((e, arguments) -> failed(line, CommandLine.ExitCode.USAGE, explain(e)));
        line.setExecutionExceptionHandler((e, parsed, result) -> {
            if (e instanceof WrongArgumentException) {
                return failed(line, CommandLine.ExitCode.USAGE, String.valueOf(e.getMessage()));
            }
            if (e instanceof RelayStartException || e instanceof UncheckedIOException) {
                return failed(line, CommandLine.ExitCode.SOFTWARE, String.valueOf(e.getMessage()));
            }
            if (e instanceof SpoolException) {
                return failed(line, CommandLine.ExitCode.SOFTWARE, "--spool: " + e.getMessage());
            }
            throw e;
        });
        return line;
    }

    static CommandLine withConverters(CommandLine line) {
        return line.setExpandAtFiles(false) // a secret may begin with an @
                .registerConverter(ListenAddress.class, converter(ListenAddress::parse))
                .registerConverter(User.class, converter(User::parse))
                .registerConverter(TrustedClients.class, converter(TrustedClients::parse))
                .registerConverter(UpstreamUri.class, converter(UpstreamUri::parse))
                .registerConverter(boolean.class, converter(Quickstart::noValue))
                .registerConverter(Duration.class, converter(Values::duration))
                .registerConverter(Limit.class, converter(Limit::parse))
                .registerConverter(Logging.Format.class, converter(Logging.Format::parse))
                .registerConverter(Logging.Level.class, converter(Logging.Level::parse));
    }

    /** Starts the relay; returns only when the shutdown hook has taken it down, which ends the JVM. */
    @Override
    public Integer call() throws InterruptedException {
        Configuration configuration =
                Configuration.of(Objects.requireNonNull(spec).commandLine().getParseResult(), environment);
        Options options = configuration.options();
        RelaySetup setup = new RelaySetup(options);
        SmtpRelayBuilder builder = setup.builder(new PrintingDelivery(new FileOutputStream(FileDescriptor.out)));
        if (options.checkConfig) {
            new ConfigReport(out, configuration, setup).print();
            return CommandLine.ExitCode.OK;
        }
        Logging.configure(options.logFormat, options.logLevel);
        SmtpRelay relay = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(relay), "postern-drain"));
        Announcement.print(out, relay, options, setup);
        manage(setup, options, relay);
        new CountDownLatch(1).await();
        return CommandLine.ExitCode.OK;
    }

    /** It answers until the JVM ends: that a relay drains is worth asking, too. */
    private void manage(RelaySetup setup, Options options, SmtpRelay relay) {
        try {
            ManagementServer server = setup.manage(relay);
            ListenAddress wanted = options.management;
            if (server != null && wanted != null) {
                ListenAddress address =
                        new ListenAddress(wanted.host(), server.address().getPort());
                out.println("postern: management on http://" + address);
                out.flush();
            }
        } catch (IOException e) {
            relay.stop(Duration.ZERO);
            exitCode = CommandLine.ExitCode.SOFTWARE;
            throw new UncheckedIOException(
                    "--management: cannot listen at " + options.management + ": " + e.getMessage()
                            + "; choose another address or port, or 0 for any free one",
                    e);
        }
    }

    private void drain(SmtpRelay relay) {
        relay.close();
        out.println("postern: drained");
        out.flush();
        // a JVM that ends by a signal would answer 128 and its number, though everything went as it should
        Runtime.getRuntime().halt(exitCode);
    }

    private static <T> ITypeConverter<T> converter(Function<String, T> parser) {
        return text -> {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        };
    }

    private static Boolean noValue(String text) {
        if (text.equals("true") || text.equals("false")) { // picocli's own default and what it says for it
            return text.equals("true");
        }
        throw new IllegalArgumentException("it takes no value; leave out =" + text);
    }

    private static int failed(CommandLine line, int code, String message) {
        String oneLine = message.lines().map(String::strip).collect(Collectors.joining(" "));
        line.getErr().println("postern: " + oneLine);
        line.getErr().flush();
        return code;
    }

    private static String explain(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched) {
            List<String> suggestions = unmatched.getSuggestions();
            return "there is no option " + unmatched.getUnmatched().get(0)
                    + (suggestions.isEmpty() ? "" : "; did you mean " + String.join(" or ", suggestions))
                    + "; --help lists them";
        }
        return String.valueOf(e.getMessage());
    }

    /** Asks the jar for its version. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Quickstart.class.getPackage().getImplementationVersion();
            return new String[] {"postern-quickstart " + (version == null ? "development" : version)};
        }
    }
}
