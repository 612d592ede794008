package dev.postern.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.testkit.assertions.SmtpAssertions;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.ContractRun;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs tests that fail, to see what the extension leaves behind. */
class RelayExtensionFailureTest {

    private static final List<AutoCloseable> CLOSED = new ArrayList<>();
    private static final List<SmtpProbe> PROBES = new ArrayList<>();
    private static final List<FakeUpstream> UPSTREAMS = new ArrayList<>();

    @BeforeEach
    void forget() {
        CLOSED.clear();
        PROBES.clear();
        UPSTREAMS.clear();
    }

    @Test
    void reportsTheTranscriptsWithTheFailureAndClosesEverything() {
        Throwable failure = run(FailingTest.class);

        assertThat(failure).hasMessage("on purpose");
        assertThat(failure.getSuppressed()).hasSize(1);
        assertThat(failure.getSuppressed()[0]).hasMessageStartingWith("""

                        probe 0:
                          S: 220 upstream.test ESMTP fake upstream ready
                          C: AUTH PLAIN ***
                          S: 503 5.5.1 AUTH not possible
                        upstream:
                          connection 0:
                            S: 220 upstream.test ESMTP fake upstream ready""");
        assertThat(CLOSED).hasSize(1);
        Assertions.assertThatThrownBy(() -> PROBES.get(0).write("NOOP\r\n")).hasMessageStartingWith("Cannot write");
        assertUpstreamIsClosed();
    }

    @Test
    void failsTheTestWhenTheRelayCannotBeStarted() {
        assertThat(run(UnstartableTest.class)).hasMessage("cannot start").hasNoSuppressedExceptions();
        assertUpstreamIsClosed();
    }

    @Test
    void failsTheTestWhenTheRelayCannotBeClosed() {
        assertThat(run(UncloseableTest.class)).hasMessage("cannot close");
        assertUpstreamIsClosed();
    }

    private static void assertUpstreamIsClosed() {
        Assertions.assertThatThrownBy(
                        () -> SmtpProbe.connect(UPSTREAMS.get(0).address()).close())
                .hasMessageStartingWith("Cannot connect");
    }

    private static Throwable run(Class<?> tests) {
        List<Throwable> failures = ContractRun.of(tests).failures();
        assertThat(failures).hasSize(1);
        return failures.get(0);
    }

    private static RelayUnderTest standIn(RelayEnvironment environment) {
        UPSTREAMS.add(environment.upstream());
        FakeUpstream started = FakeUpstream.start();
        return RelayUnderTest.of(
                () -> {
                    CLOSED.add(started);
                    started.close();
                },
                started.port());
    }

    static class FailingTest {
        @RegisterExtension
        final RelayExtension relay = RelayExtension.with(RelayExtensionFailureTest::standIn);

        @Test
        void fails(SmtpProbe probe) {
            PROBES.add(probe);
            probe.authPlain("alice", "secret");
            try (SmtpProbe other = SmtpProbe.connect(relay.upstream().address())) {
                other.readReply();
                throw new IllegalStateException("on purpose");
            }
        }
    }

    static class UnstartableTest {
        @RegisterExtension
        final RelayExtension relay = RelayExtension.with(env -> {
            UPSTREAMS.add(env.upstream());
            throw new IllegalStateException("cannot start");
        });

        @Test
        void isNotRun() {
            throw new AssertionError("was run");
        }
    }

    static class UncloseableTest {
        @RegisterExtension
        final RelayExtension relay = RelayExtension.with(env -> {
            RelayUnderTest started = standIn(env);
            return new RelayUnderTest(started.address(), () -> {
                started.relay().close();
                throw new IllegalStateException("cannot close");
            });
        });

        @Test
        void passes() {
            SmtpAssertions.assertThat(relay.probe().ehlo()).isOk();
        }
    }
}
