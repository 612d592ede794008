package dev.postern.examples.quickstart;

import dev.postern.examples.quickstart.Configuration.Given;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Says what the relay would run with: for each option its name, its value and where that is from, with tabs between. */
final class ConfigReport {

    private static final String DEFAULT = "default";

    private final PrintStream out;
    private final Configuration configuration;
    private final RelaySetup setup;

    ConfigReport(PrintStream out, Configuration configuration, RelaySetup setup) {
        this.out = out;
        this.configuration = configuration;
        this.setup = setup;
    }

    void print() {
        for (String name : OptionNames.all()) {
            if (!name.equals("check-config")) {
                configuration.of(name).forEach(this::line);
                defaults(name);
            }
        }
        out.flush();
    }

    private void line(Given given) {
        String value = switch (given.name()) {
            case "user" -> User.masked(given.value());
            case "spool" -> SpoolSetup.masked(given.value());
            case "upstream" -> UpstreamUri.masked(given.value());
            default -> given.value();
        };
        line(given.name(), value.replaceAll("\\p{Cntrl}", "?"), given.source());
    }

    private void line(String name, String value, String source) {
        out.println(name + "\t" + value + "\t" + source);
    }

    private void defaults(String name) {
        Options options = configuration.options();
        switch (name) {
            case "listen" -> {
                if (options.listen.isEmpty()) {
                    setup.plain().forEach(address -> line(name, address.toString(), DEFAULT));
                }
            }
            case "upstream" -> {
                if (options.upstreams.isEmpty()) {
                    line(name, "none, messages are printed", DEFAULT);
                }
            }
            case "spool-retry" -> unlessSpooledOtherwise(name, "1m,5m,15m,30m,1h");
            case "spool-give-up" -> unlessSpooledOtherwise(name, "48h");
            case "user" -> {
                if (setup.isDemo()) {
                    line(name, User.DEMO.name() + ":" + User.DEMO.secret(), DEFAULT); // everybody knows it
                }
            }
            case OptionNames.LIMIT -> limits();
            case "log-format" -> unlessGiven(name, options.logFormat.toString());
            case "log-level" -> unlessGiven(name, options.logLevel.toString());
            default -> {}
        }
    }

    private void unlessGiven(String name, String value) {
        if (configuration.of(name).isEmpty()) {
            line(name, value, DEFAULT);
        }
    }

    private void unlessSpooledOtherwise(String name, String value) {
        if (!configuration.of("spool").isEmpty()) {
            unlessGiven(name, value);
        }
    }

    private void limits() {
        Set<String> given = configuration.of(OptionNames.LIMIT).stream()
                .map(limit -> Limit.nameOf(limit.value()))
                .collect(Collectors.toSet());
        List<String> others = Limit.DEFAULTS.stream()
                .filter(limit -> !given.contains(Limit.nameOf(limit)))
                .toList();
        others.forEach(limit -> line(OptionNames.LIMIT, limit, DEFAULT));
    }
}
