package dev.postern.examples.quickstart;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * A file of options: YAML, or properties where its name says so. Keys are the long options without dashes; an option that is
 * repeatable has a list of values ({@code listen.1}, {@code listen.2} in properties), and {@code limit} has NAMEs with
 * their VALUEs ({@code limit.recipients}).
 */
final class ConfigFile {

    private ConfigFile() {}

    static Layer read(Path file) {
        String text = TextFile.read("--config", file);
        Map<String, List<String>> values = file.toString().endsWith(".properties")
                ? ofProperties(file, text)
                : new YamlOptions(file.toString()).read(text);
        for (String name : values.keySet()) {
            check(file.toString(), name);
        }
        return new Layer(file.toString(), values);
    }

    private static void check(String source, String name) {
        if (name.equals(OptionNames.CONFIG)) {
            throw new WrongArgumentException(source + ": " + name + ": one file does not name another");
        }
        if (!OptionNames.exists(name)) {
            throw new WrongArgumentException(source + ": there is no option '" + printable(name) + "'; did you mean "
                    + OptionNames.nearest(name) + "; --help lists them, and here they have no dashes");
        }
    }

    private static String printable(String name) {
        String start = name.length() > 80 ? name.substring(0, 80) : name;
        return start.replaceAll("\\p{Cntrl}", "?");
    }

    private static Map<String, List<String>> ofProperties(Path file, String text) {
        // the JDK keeps the last of two that are the same, and no order
        Map<String, String> read = new TreeMap<>();
        Properties properties = new Properties() {
            private static final long serialVersionUID = 1L;

            @Override
            public synchronized Object put(Object key, Object value) {
                if (read.putIfAbsent((String) key, (String) value) != null) {
                    throw new WrongArgumentException(file + ": '" + printable((String) key) + "' is there twice");
                }
                return value;
            }
        };
        try {
            properties.load(new StringReader(text));
        } catch (IOException | IllegalArgumentException e) { // a \\u that is none
            throw new WrongArgumentException(file + ": these are no properties: " + e.getMessage());
        }
        return grouped(file, read);
    }

    private static Map<String, List<String>> grouped(Path file, Map<String, String> properties) {
        Map<String, TreeMap<Integer, String>> numbered = new TreeMap<>();
        Map<String, List<String>> values = new LinkedHashMap<>();
        properties.forEach((key, value) -> {
            int dot = key.indexOf('.');
            String name = dot < 0 ? key : key.substring(0, dot);
            String suffix = key.substring(dot + 1);
            check(file.toString(), name);
            if (dot < 0) {
                values.computeIfAbsent(name, any -> new ArrayList<>()).add(value);
            } else if (name.equals(OptionNames.LIMIT)) {
                values.computeIfAbsent(name, any -> new ArrayList<>()).add(suffix + "=" + value);
            } else if (OptionNames.isRepeatable(name) && suffix.matches("[0-9]{1,4}")) {
                numbered.computeIfAbsent(name, any -> new TreeMap<>()).put(Integer.parseInt(suffix), value);
            } else {
                throw new WrongArgumentException(file + ": '" + printable(key) + "': write " + name
                        + (OptionNames.isRepeatable(name) ? ".1, " + name + ".2" : ""));
            }
        });
        numbered.forEach((name, all) ->
                values.computeIfAbsent(name, any -> new ArrayList<>()).addAll(all.values()));
        return values;
    }
}
