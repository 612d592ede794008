package dev.postern.tools;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The list of what a build has not tested for want of a program, and of what installs these: a file, to which the JVMs of
 * all modules' tests write, and which the last module shows. Its name is the build's own, {@code postern.skipped}; where
 * nobody gives one, as in an IDE, JUnit's own reasons are all there is.
 */
final class SkippedTests {

    private static final String ENTRY = "  %s: %s%n";

    private SkippedTests() {}

    static void add(Tool tool, Class<?> test) {
        String file = System.getProperty("postern.skipped", "");
        if (!file.isEmpty()) {
            try {
                if (add(Path.of(file), tool, test.getSimpleName())) {
                    // at once too, for a build of a few modules, which does not end with the list
                    System.out.println("Not tested: " + test.getSimpleName() + "; " + tool.missing());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Returns whether it is news. For one JVM at a time by the file's lock, and for one thread of it, since a JVM may lock a
     * file but once.
     */
    static synchronized boolean add(Path file, Tool tool, String test) throws IOException {
        Files.createDirectories(file.toAbsolutePath().resolveSibling("."));
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.lock();
            String before = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            Map<Tool, Set<String>> tests = read(before);
            if (tests.computeIfAbsent(tool, missing -> new TreeSet<>()).add(test)) {
                channel.truncate(0);
                channel.write(StandardCharsets.UTF_8.encode(text(tests)));
                return true;
            }
            return false;
        }
    }

    private static Map<Tool, Set<String>> read(String text) {
        Map<Tool, Set<String>> tests = new TreeMap<>();
        for (Tool tool : Tool.values()) {
            String head = "  " + tool + ": ";
            text.lines()
                    .filter(line -> line.startsWith(head))
                    .forEach(line -> tests.put(
                            tool,
                            new TreeSet<>(
                                    Arrays.asList(line.substring(head.length()).split(", ")))));
        }
        return tests;
    }

    private static String text(Map<Tool, Set<String>> tests) {
        StringBuilder text = new StringBuilder("Not tested, since programs of the system are missing:%n".formatted());
        tests.forEach((tool, names) -> text.append(ENTRY.formatted(tool, String.join(", ", names))));
        return text.append("To have them tested: %s%n".formatted(Tool.installing(tests.keySet())))
                .toString();
    }
}
