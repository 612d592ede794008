package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageSigner;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.TestClock;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each waits until its time is over: all of them at once. */
@Execution(ExecutionMode.CONCURRENT)
@OnAnyJdk
class ContractDeadlineTest {

    @ParameterizedTest
    @ValueSource(
            classes = {
                Quota.class,
                Sessions.class,
                Throttle.class,
                Logins.class,
                Domains.class,
                Policies.class,
                Signer.class,
                Delivery.class,
                Listener.class,
                Clock.class
            })
    void aPlugInThatNeverReturnsFailsItsContractOnce(Class<?> contract) {
        ContractRun run = ContractRun.within(1, contract);
        assertThat(run.failed()).as("failed").hasSize(1);
        assertThat(run.skipped()).as("not tried any more").hasSizeGreaterThanOrEqualTo(5);
    }

    @Test
    void soDoesOneThatHangsAmongManyCallsOnly() {
        Crowded.callers.set(0);
        ContractRun run = ContractRun.within(2, Crowded.class);
        assertThat(run.failed()).containsExactly("required_concurrency_eachLoginGetsItsOwnAnswer");
    }

    /** A plug-in that is not even to be interrupted. */
    private static <T> T never(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return method.getName().equals("toString")
                                ? "never"
                                : method.getName().equals("equals") ? false : 1;
                    }
                    new Semaphore(0).acquireUninterruptibly();
                    return self;
                }));
    }

    static class Quota extends QuotaStoreContract {
        @Override
        protected QuotaStore newStore() {
            return never(QuotaStore.class);
        }

        @Override
        protected ContractTime time() {
            return ContractTime.of(new TestClock());
        }

        @Override
        protected Expiring<QuotaStore> newExpiringStore() {
            return new Expiring<>(newStore(), Duration.ofMinutes(1));
        }
    }

    static class Sessions extends SessionRegistryContract {
        @Override
        protected SessionRegistry newRegistry() {
            return never(SessionRegistry.class);
        }
    }

    static class Throttle extends LoginThrottleContract {
        @Override
        protected LoginThrottle newThrottle() {
            return never(LoginThrottle.class);
        }

        @Override
        protected ContractTime time() {
            return ContractTime.of(new TestClock());
        }
    }

    static class Logins extends AuthenticatorContract {
        @Override
        protected Authenticator newAuthenticator() {
            return never(Authenticator.class);
        }

        @Override
        protected Login rightLogin() {
            return new Login("ann@a.test", "Anns-secret");
        }
    }

    static class Domains extends SenderDomainsContract {
        @Override
        protected SenderDomains newSenderDomains() {
            return never(SenderDomains.class);
        }

        @Override
        protected Identity identity() {
            return Identity.of("ann@own.test");
        }

        @Override
        protected String validatedDomain() {
            return "own.test";
        }
    }

    static class Policies extends PolicyContract {
        @Override
        protected List<Example> passing() {
            return List.of(submitting(never(ContentPolicy.class), Identity.of("ann@a.test"), "hello"));
        }

        @Override
        protected List<Example> refused() {
            return passing();
        }
    }

    static class Signer extends MessageSignerContract {
        @Override
        protected MessageSigner newSigner() {
            return never(MessageSigner.class);
        }

        @Override
        protected Identity identity() {
            return Identity.of("ann@a.test");
        }

        @Override
        protected MailAddress author() {
            return MailAddress.parse("ann@a.test");
        }
    }

    static class Delivery extends UpstreamDeliveryContract {
        @Override
        protected UpstreamDelivery newDelivery() {
            return never(UpstreamDelivery.class);
        }

        @Override
        protected List<Arrived> arrived() {
            return List.of();
        }
    }

    static class Listener extends RelayListenerContract {
        @Override
        protected RelayListener newListener() {
            return never(RelayListener.class);
        }
    }

    static class Clock extends RelayClockContract {
        @Override
        protected RelayClock newClock() {
            return never(RelayClock.class);
        }
    }

    /** Hangs for ever when three ask at once. */
    static class Crowded extends AuthenticatorContract {
        static final AtomicInteger callers = new AtomicInteger();
        private static final Gap GAP = new Gap(3);

        @Override
        protected Authenticator newAuthenticator() {
            return (credentials, client) -> {
                if (Thread.currentThread().getName().equals("contract-helper")) {
                    GAP.awaitOthers();
                    if (callers.incrementAndGet() == 3) {
                        new Semaphore(0).acquireUninterruptibly();
                    }
                }
                return credentials.username().equals("ann@a.test") && credentials.secretEquals("Anns-secret")
                        ? AuthResult.authenticated(Identity.of("ann@a.test"))
                        : AuthResult.denied();
            };
        }

        @Override
        protected Login rightLogin() {
            return new Login("ann@a.test", "Anns-secret");
        }
    }
}
