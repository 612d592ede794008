package dev.postern.examples.quickstart;

import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The long options without their dashes, which are the keys of a configuration file. */
final class OptionNames {

    static final String CONFIG = "config";
    static final String LIMIT = "limit";

    private static final List<OptionSpec> OPTIONS =
            new CommandLine(new Options()).getCommandSpec().options();

    private OptionNames() {}

    /** Returns all of them, in the order of --help. */
    static List<String> all() {
        return OPTIONS.stream().map(OptionNames::nameOf).toList();
    }

    static String nameOf(OptionSpec option) {
        return option.longestName().substring(2);
    }

    static boolean exists(String name) {
        return all().contains(name);
    }

    /** Tells whether it takes no value. */
    static boolean isFlag(String name) {
        return spec(name).arity().max() == 0;
    }

    static boolean isRepeatable(String name) {
        return spec(name).isMultiValue();
    }

    private static OptionSpec spec(String name) {
        return OPTIONS.stream()
                .filter(option -> nameOf(option).equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the one that differs least from a word, by letters to insert, remove or replace. */
    static String nearest(String word) {
        String nearest = "";
        int least = Integer.MAX_VALUE;
        for (String name : new TreeSet<>(all())) {
            int distance = distance(word.toLowerCase(Locale.ROOT), name);
            if (distance < least) {
                least = distance;
                nearest = name;
            }
        }
        return nearest;
    }

    /** Levenshtein's; fifteen lines, for which the library that has it would bring a megabyte. */
    private static int distance(String one, String other) {
        int[] above = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] row = new int[other.length() + 1];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = above[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[other.length()];
    }
}
