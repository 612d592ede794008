package dev.postern.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.testkit.assertions.SmtpAssertions;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.ContractRun;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** JUnit tells an extension of a class's field of each class that is nested in it, too. */
class RelayExtensionNestedTest {

    private static final List<String> TOLD = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void forget() {
        TOLD.clear();
    }

    @Test
    void oneRelayServesAClassAndThoseNestedInIt() {
        ContractRun run = ContractRun.of(OneForAll.class);
        assertThat(run.failures()).isEmpty();
        assertThat(run.passed()).hasSize(4);
        assertThat(TOLD).containsExactly("started", "closed");
    }

    @Test
    void eachTestOfANestedClassHasItsOwnWhereTheFieldIsAnInstances() {
        ContractRun run = ContractRun.of(OneForEach.class);
        assertThat(run.failures()).isEmpty();
        assertThat(run.passed()).hasSize(2);
        assertThat(TOLD).containsExactly("started", "closed", "started", "closed");
    }

    private static RelayUnderTest standIn() {
        FakeUpstream played = FakeUpstream.start();
        TOLD.add("started");
        return RelayUnderTest.of(
                () -> {
                    TOLD.add("closed");
                    played.close();
                },
                played.port());
    }

    static class OneForAll {
        @RegisterExtension
        static final RelayExtension RELAY = RelayExtension.with(env -> standIn());

        @Test
        void isServed() {
            SmtpAssertions.assertThat(RELAY.probe().ehlo()).isOk();
        }

        @Nested
        class One {
            @Test
            void isServed() {
                SmtpAssertions.assertThat(RELAY.probe().ehlo()).isOk();
            }

            @Nested
            @TestInstance(TestInstance.Lifecycle.PER_CLASS)
            class Within {
                @Test
                void isServed() {
                    SmtpAssertions.assertThat(RELAY.probe().ehlo()).isOk();
                }
            }
        }

        @Nested
        class Other {
            @Test
            void isServed() {
                SmtpAssertions.assertThat(RELAY.probe().ehlo()).isOk();
            }
        }
    }

    static class OneForEach {
        @RegisterExtension
        final RelayExtension relay = RelayExtension.with(env -> standIn());

        @Test
        void isServed() {
            SmtpAssertions.assertThat(relay.probe().ehlo()).isOk();
        }

        @Nested
        class One {
            @Test
            void isServed() {
                SmtpAssertions.assertThat(relay.probe().ehlo()).isOk();
            }
        }
    }
}
