package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** A relay that is started and stopped again and again in one JVM, as in an application server. */
@Isolated("counts threads and descriptors of the process")
class RestartTest {

    private static final int TIMES = 100;

    @Test
    void aHundredStartsAndStopsWithTrafficLeaveNothing(@TempDir Path directory) {
        Leftovers leftovers = new Leftovers();
        for (int i = 0; i < TIMES; i++) {
            try (Stand stand = Stand.open(directory);
                    Client idle =
                            new Client("127.0.0.2", stand.relay.addresses().get(0));
                    Client handshake =
                            new Client("127.0.0.3", stand.relay.addresses().get(1));
                    Client sender = stand.connect()) {
                Stand.greet(idle);
                handshake.write("\u0016");
                Stand.envelope(sender);
                sender.say("DATA", 354);
                // more than a block, so that a file is needed
                sender.write(Stand.MESSAGE + "A line of content.\r\n".repeat(1000));
                sender.say(".", 250);
                stand.relay.stop(Duration.ofSeconds(1));
                handshake.readToEnd();
                assertThat(stand.upstream.messages()).hasSize(1);
            }
        }
        leftovers.awaitGone();
    }
}
