package dev.postern.stores;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.RelayEvent;
import dev.postern.spi.StandardReply;
import dev.postern.spi.StoreFailure;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A relay whose store fails, in each way that its engine knows, and is back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class FailureTests {

    /**
     * A way to fail.
     *
     * @param name for people, and for the user of the test
     * @param server as the relay sees it
     * @param lose makes it fail
     * @param find ends that
     * @param readable whether it still tells how a ledger stands
     */
    public record Fault(String name, StoreServer server, Runnable lose, Runnable find, boolean readable) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** The server, which is the class's own. */
    protected final StoreServer server;

    private final StallingProxy proxy;

    /** Completes the tests. */
    protected FailureTests(StoreServer server) {
        this.server = server;
        proxy = new StallingProxy(server.process().port());
    }

    /** The ways to fail that are tried. */
    protected abstract List<Fault> faults();

    /** Has the tables that a relay makes at its start. */
    @BeforeAll
    void startOnce() {
        server.node(StoreSettings.defaults().withTimeout(Duration.ofSeconds(20)))
                .close();
    }

    @AfterAll
    void stopServer() {
        proxy.close();
        server.close();
    }

    /** The ways in which each server may fail. */
    protected final List<Fault> commonFaults() {
        ServerProcess process = server.process();
        return List.of(
                new Fault("killed", server, process::kill, process::start, false),
                new Fault("suspended", server, process::pause, process::resume, false),
                new Fault("slow", server.behind(proxy.port()), proxy::hold, proxy::release, false));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void refusesTemporarilyWithoutItsStoreAndServesAgainWithIt(Fault fault) {
        try (RelayScene scene = new RelayScene(fault.server, "refuse-" + fault, StoreFailure.REFUSE)) {
            assertThat(scene.send()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            fault.lose.run();
            try {
                for (int i = 0; i < 5; i++) {
                    assertThat(scene.send()).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
                }
            } finally {
                fault.find.run();
            }
            assertThat(scene.events()).contains(RelayEvent.StoreLost.of("QuotaStore", StoreFailure.REFUSE));
            assertThat(scene.sent()).isEqualTo(1);
            scene.awaitNothingReserved();
            scene.awaitAnswer(StandardReply.MESSAGE_ACCEPTED);
            assertThat(scene.events()).contains(RelayEvent.StoreFound.of("QuotaStore"));
            assertThat(scene.sent()).isEqualTo(2);
            assertThat(scene.used()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("faults")
    void countsInProcessWhereTheHostChoseItAndGrantsNothingTwice(Fault fault) {
        try (RelayScene scene = new RelayScene(fault.server, "degrade-" + fault, StoreFailure.COUNT_IN_PROCESS)) {
            assertThat(scene.send()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            fault.lose.run();
            try {
                for (int i = 0; i < 3; i++) {
                    assertThat(scene.send()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
                }
                assertThat(scene.events())
                        .contains(RelayEvent.StoreLost.of("QuotaStore", StoreFailure.COUNT_IN_PROCESS));
                if (!fault.readable) {
                    assertThat(scene.used()).isEqualTo(4); // the one that was seen of the store among them
                }
            } finally {
                fault.find.run();
            }
            scene.awaitFound();
            scene.awaitNothingReserved();
            assertThat(scene.usedInStore()).isEqualTo(4);
            assertThat(scene.send()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            assertThat(scene.send()).isStandardReply(StandardReply.QUOTA_EXCEEDED);
            assertThat(scene.sent()).isEqualTo(5);
        }
    }
}
