package dev.postern.benchmarks;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.PoolSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.Authenticator;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.UpstreamTimeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends messages through a relay of this process while its upstreams fail. Faults begin and end when so many messages
 * arrived or were refused, never by the clock, so that each run has them at the same points.
 */
final class FaultRun {

    private static final String USER = "ann@example.org";
    private static final String SECRET = "secret";
    private static final int POOL = 4; // connections, where there are too few of them
    private static final Duration POOL_WAIT = Duration.ofMillis(20);
    private static final Duration UPSTREAM_TIMEOUT = Duration.ofMillis(500);
    private static final long CLIENT_PAUSE_NANOS = Duration.ofMillis(5).toNanos(); // after a refusal, as clients do

    private final Scenario scenario;
    private final int messages;
    private final int sessions;
    private final List<Sink> sinks = new ArrayList<>();
    private final AtomicInteger arrived = new AtomicInteger();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Set<String> doubtful = ConcurrentHashMap.newKeySet();
    private boolean failing;
    private int refusals; // since the fault began

    FaultRun(Scenario scenario, int messages, int sessions) {
        this.scenario = scenario;
        this.messages = messages;
        this.sessions = sessions;
    }

    FaultReport run() throws IOException, InterruptedException {
        try {
            for (int i = 0; i < scenario.upstreams(); i++) {
                Sink sink = new Sink(Sink.Settings.PLAIN, 0);
                sink.onArrival(count -> arrived());
                sinks.add(sink);
            }
            try (SmtpRelay relay = relay()) {
                Load load = new Load(Target.plain(relay.port(), USER, SECRET), sessions, messages, 0, 1, 4096, false);
                new LoadRun(load, new Observer()).run();
            }
            recover(); // whoever still waits in a sink
            return FaultReport.of(scenario, answers, messages, arrivals(), doubtful);
        } finally {
            sinks.forEach(Sink::close);
        }
    }

    private SmtpRelay relay() {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.passwords(Authenticator.of(Map.of(USER, SECRET)))
                        .withPlaintext())
                .sessions(SessionLimits.defaults()
                        .withMessages(Integer.MAX_VALUE)
                        .withPerAddress(Integer.MAX_VALUE)
                        .withPerUser(Integer.MAX_VALUE)
                        .withPerAccount(Integer.MAX_VALUE))
                .upstream(sinks.stream().map(this::upstream).toArray(Upstream[]::new))
                .listener(RelayListener.of(event -> {
                    if (event instanceof RelayEvent.NotRelayed not
                            && not.result() instanceof DeliveryResult.Deferred deferred
                            && deferred.reason() == DeliveryResult.Reason.AMBIGUOUS) {
                        doubtful.add(not.submission()
                                .envelope()
                                .recipients()
                                .get(0)
                                .address()
                                .localPart());
                    }
                }))
                .start();
    }

    private Upstream upstream(Sink sink) {
        Upstream upstream = Upstream.smtp("127.0.0.1", sink.port()).timeouts(UpstreamTimeouts.each(UPSTREAM_TIMEOUT));
        return scenario == Scenario.POOL_EXHAUSTED
                ? upstream.pool(PoolSettings.defaults().withConnections(0, POOL).withMaxWait(POOL_WAIT))
                : upstream;
    }

    /** On the thread of an upstream that has a message and did not answer it yet. */
    private synchronized void arrived() {
        int percent = arrived.incrementAndGet() * 100;
        boolean begins = switch (scenario) {
            case UPSTREAM_RESTARTED -> reached(percent, 15, 30, 45, 60);
            case UPSTREAM_BLACK_HOLED, POOL_EXHAUSTED -> reached(percent, 20, 50);
            case ONE_OF_TWO_BLACK_HOLED, HALF_OF_THE_UPSTREAMS_DOWN -> reached(percent, 20);
        };
        if (begins) {
            failing = true;
            refusals = 0;
            fail();
        } else if (scenario.upstreams() > 1 && failing && reached(percent, 60)) {
            recover();
        }
        if (scenario == Scenario.POOL_EXHAUSTED) {
            awaitRecovery();
        }
    }

    /** The upstream is slow with its reply, and meanwhile its connection is in use. */
    private void awaitRecovery() {
        try {
            while (failing) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean reached(int percent, int... of) {
        for (int each : of) {
            if (percent / messages >= each && (percent - 100) / messages < each) {
                return true;
            }
        }
        return false;
    }

    private void fail() {
        switch (scenario) {
            case UPSTREAM_RESTARTED -> sinks.get(0).crash();
            case UPSTREAM_BLACK_HOLED, ONE_OF_TWO_BLACK_HOLED -> sinks.get(0).mute(true);
            case HALF_OF_THE_UPSTREAMS_DOWN -> {
                sinks.get(0).crash();
                sinks.get(2).crash();
            }
            case POOL_EXHAUSTED -> {} // who has arrived waits
        }
    }

    private synchronized void recover() {
        failing = false;
        notifyAll();
        for (Sink sink : sinks) {
            sink.mute(false);
            sink.restart();
        }
    }

    private synchronized void refused() {
        refusals++;
        if (failing && scenario.upstreams() == 1 && refusals >= 2 * sessions) {
            recover();
        }
    }

    private Map<String, Integer> arrivals() {
        Map<String, Integer> all = new HashMap<>();
        sinks.forEach(sink -> sink.arrivals().forEach((name, count) -> all.merge(name, count, Integer::sum)));
        return all;
    }

    /** The clients' side. */
    private final class Observer implements LoadRun.Observer {
        @Override
        public void answered(int number, Answer answer) {
            answers.put(Load.name(number), answer);
            if (!answer.accepted()) {
                refused();
                LockSupport.parkNanos(CLIENT_PAUSE_NANOS);
            }
        }

        @Override
        public void lost(int number, IOException cause) {
            refused(); // the report finds the message without an answer
        }
    }
}
