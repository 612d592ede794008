package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What this process held when it was asked first: the relay's threads, and open files and sockets. */
final class Leftovers {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final String SPOOLED = "postern-content-";

    static {
        try (ServerSocket first = new ServerSocket(0)) {
            assertThat(first.isBound()).isTrue(); // the JDK keeps a socket of its own from the first one on
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private final Set<Thread> threads = posternThreads();
    private final int sockets = descriptors("socket:").size();

    /** Waits until there is no more than there was. */
    void awaitGone() {
        Await.until(
                () -> "no thread is left, but there are " + newThreads(),
                () -> newThreads().isEmpty());
        Await.until(
                () -> "no socket is left, but of " + sockets + " there are " + descriptors("socket:"),
                () -> descriptors("socket:").size() <= sockets);
        assertThat(descriptors(SPOOLED)).as("open temporary files").isEmpty();
    }

    /** Temporary files of relays that keep them in a directory: they have no name any more, but for their descriptor. */
    static List<String> spoolFiles(Path directory) {
        return descriptors(directory + "/" + SPOOLED);
    }

    private Set<Thread> newThreads() {
        Set<Thread> now = posternThreads();
        now.removeAll(threads);
        return now;
    }

    /** SubEtha gives a session's thread a name of its own as long as the session lasts. */
    private static Set<Thread> posternThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("(?:postern|org\\.subethamail).*"))
                .collect(Collectors.toSet());
    }

    private static List<String> descriptors(String what) {
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            return all.map(Leftovers::target)
                    .filter(name -> name.contains(what))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError("open files cannot be seen", e);
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed in the meantime
        }
    }
}
