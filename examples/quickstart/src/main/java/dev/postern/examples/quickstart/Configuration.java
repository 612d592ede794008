package dev.postern.examples.quickstart;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The options of all sources together: a file's, then the environment's, then the command line's. The later takes the place
 * of the earlier, option by option, and limit by limit. Immutable.
 */
final class Configuration {

    /** A text that was given for an option, and where. */
    record Given(String name, String value, String source) {
        @Override
        public String toString() {
            return name + " of " + source; // the value may be a secret
        }
    }

    private final Options options;
    private final List<Given> given;

    private Configuration(Options options, List<Given> given) {
        this.options = options;
        this.given = List.copyOf(given);
    }

    static Configuration of(ParseResult arguments, Map<String, String> environment) {
        Layer commandLine = Layer.ofCommandLine(arguments);
        Layer variables = Layer.ofEnvironment(environment);
        List<Layer> layers = new ArrayList<>();
        Path file = file(variables, commandLine);
        if (file != null) {
            layers.add(ConfigFile.read(file));
        }
        layers.add(variables);
        layers.add(commandLine);
        // each by itself first, so that an error says where it is
        layers.forEach(layer -> parse(layer, layer.source() + ": "));
        List<Given> given = merged(layers);
        Map<String, List<String>> values = new LinkedHashMap<>();
        given.forEach(one ->
                values.computeIfAbsent(one.name, name -> new ArrayList<>()).add(one.value));
        return new Configuration(parse(new Layer("all together", values), ""), given);
    }

    Options options() {
        return options;
    }

    /** Returns what was given for an option, in order. */
    List<Given> of(String name) {
        return given.stream().filter(one -> one.name.equals(name)).toList();
    }

    private static @Nullable Path file(Layer variables, Layer commandLine) {
        for (Layer layer : List.of(commandLine, variables)) {
            Path file = parse(layer, layer.source() + ": ").config;
            if (file != null) {
                return file;
            }
        }
        return null;
    }

    private static Options parse(Layer layer, String where) {
        Options options = new Options();
        try {
            Quickstart.withConverters(new CommandLine(options))
                    .parseArgs(layer.arguments().toArray(String[]::new));
        } catch (ParameterException e) {
            throw new WrongArgumentException(where + e.getMessage());
        }
        return options;
    }

    private static List<Given> merged(List<Layer> layers) {
        List<Given> merged = new ArrayList<>();
        for (Layer layer : layers) {
            for (String name : OptionNames.all()) {
                List<String> values = layer.get(name);
                if (values != null) {
                    List<Given> later = values.stream()
                            .map(value -> new Given(name, value, layer.source()))
                            .toList();
                    merged.removeIf(earlier -> earlier.name.equals(name) && isReplaced(earlier, later));
                    merged.addAll(later);
                }
            }
        }
        return merged;
    }

    private static boolean isReplaced(Given earlier, List<Given> later) {
        Set<String> limits = later.stream().map(one -> Limit.nameOf(one.value)).collect(Collectors.toSet());
        return !earlier.name.equals(OptionNames.LIMIT) || limits.contains(Limit.nameOf(earlier.value));
    }
}
