package dev.postern.examples.quickstart;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options that one source gives, as texts by their names. Immutable; does not show them, for some are secrets. */
final class Layer {

    private static final String PREFIX = "POSTERN_";

    /** What Kubernetes and Docker say of a service named postern. */
    private static final Pattern OF_A_SERVICE =
            Pattern.compile("POSTERN_(PORT(_.*)?|SERVICE_(HOST|PORT)(_.*)?|ENV_.*|NAME)");

    private final String source;
    private final Map<String, List<String>> values;

    Layer(String source, Map<String, List<String>> values) {
        this.source = source;
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    static Layer ofCommandLine(ParseResult given) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (OptionSpec option : given.matchedOptionsSet()) {
            String name = OptionNames.nameOf(option);
            if (OptionNames.exists(name)) { // not --help
                values.put(name, OptionNames.isFlag(name) ? List.of("true") : option.stringValues());
            }
        }
        return new Layer("the command line", values);
    }

    /** Reads POSTERN_LISTEN for --listen; several values are on a line each. An empty one takes nobody's place. */
    static Layer ofEnvironment(Map<String, String> environment) {
        SortedMap<String, List<String>> values = new TreeMap<>();
        environment.forEach((variable, text) -> {
            if (variable.startsWith(PREFIX) && !OF_A_SERVICE.matcher(variable).matches()) {
                String name = nameOf(variable);
                if (!OptionNames.exists(name)) {
                    throw new WrongArgumentException("the environment: there is no " + variable + "; did you mean "
                            + variableOf(OptionNames.nearest(name)) + "; --help lists them");
                }
                List<String> lines =
                        text.lines().filter(line -> !line.isBlank()).toList();
                if (!lines.isEmpty()) {
                    values.put(name, lines);
                }
            }
        });
        return new Layer("the environment", values);
    }

    static String variableOf(String name) {
        return PREFIX + name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private static String nameOf(String variable) {
        return variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String source() {
        return source;
    }

    /** Returns the values of an option, null when it is not given. */
    @Nullable
    List<String> get(String name) {
        return values.get(name);
    }

    /** Returns the arguments of a command line that says the same. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        values.forEach((name, all) -> {
            for (String value : all) {
                if (!OptionNames.isFlag(name)) {
                    arguments.add("--" + name + "=" + value);
                } else if (value.equals("true")) {
                    arguments.add("--" + name);
                } else if (!value.equals("false")) {
                    throw new WrongArgumentException(source + ": " + name + ": write true or false");
                }
            }
        });
        return arguments;
    }
}
