package dev.postern.testkit;

import dev.postern.testkit.internal.front.FrontConnection;
import dev.postern.testkit.internal.front.RelayFront;
import dev.postern.testkit.internal.front.RelayFront.Door;
import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.upstream.ReceivedMessage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** A relay and its environment, from its start to its end. */
record RunningRelay(
        RelayEnvironment environment,
        RelayUnderTest relay,
        RelayFront front,
        Door door,
        Optional<Door> tlsDoor,
        List<SmtpProbe> probes) {

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    static RunningRelay start(RelayStarter starter) throws Exception {
        Deque<AutoCloseable> begun = new ArrayDeque<>(); // the latest first
        try {
            FakeUpstream upstream = FakeUpstream.start();
            begun.push(upstream);
            RelayEnvironment environment = new RelayEnvironment(upstream);
            RelayUnderTest relay =
                    Objects.requireNonNull(starter.start(environment), "the starter has returned no relay");
            begun.push(relay.relay());
            RelayFront front =
                    new RelayFront(new RelayFront.Tls(environment::serverTls, TestCertificates::clientContext));
            begun.push(front);
            return new RunningRelay(
                    environment,
                    relay,
                    front,
                    front.open(Door.Kind.CLEAR, relay.address()),
                    relay.tlsAddress().map(address -> front.open(Door.Kind.IMPLICIT_TLS, address)),
                    new CopyOnWriteArrayList<>());
        } catch (Throwable e) {
            try {
                closeAll(begun);
            } catch (Throwable also) {
                e.addSuppressed(also);
            }
            throw e;
        }
    }

    /** Closes all in order, each even if one before it fails to close. */
    private static void closeAll(Deque<AutoCloseable> all) throws Exception {
        if (!all.isEmpty()) {
            AutoCloseable last = all.removeLast();
            try (last) {
                closeAll(all);
            }
        }
    }

    static IllegalStateException noTls() {
        return new IllegalStateException(
                "no listener with TLS from the first octet; name it by RelayUnderTest.withTlsPort(port)");
    }

    /** Every side's transcript, one paragraph each. */
    String transcripts() {
        StringBuilder text = new StringBuilder("\n");
        for (int i = 0; i < probes.size(); i++) {
            text.append("probe ").append(i).append(":\n");
            text.append(probes.get(i).transcript().indent(2));
        }
        for (FrontConnection session : sessions(false)) {
            text.append("session ").append(session.index()).append(":\n");
            text.append(session.transcript().indent(2));
        }
        text.append("upstream:\n");
        text.append(environment.upstream().transcript().indent(2));
        return text.toString().stripTrailing();
    }

    /** The sessions of the probes, or all others. */
    private List<FrontConnection> sessions(boolean ofProbes) {
        Set<Integer> own = probes.stream().map(SmtpProbe::localPort).collect(Collectors.toSet());
        return front.sessions().stream()
                .filter(session -> own.contains(session.clientPort()) == ofProbes)
                .toList();
    }

    /** Returns what the test has left behind; empty when all is well. */
    List<String> leaks(Set<Leak> allowed) {
        Set<Leak> looked = EnumSet.allOf(Leak.class);
        looked.removeAll(allowed);
        List<String> found = new ArrayList<>();
        for (Leak leak : looked) {
            for (String what : leaked(leak)) {
                found.add(leak + ": " + what);
            }
        }
        return found;
    }

    private List<String> leaked(Leak leak) {
        return switch (leak) {
            case UNREAD_REPLY ->
                probes.stream()
                        .map(SmtpProbe::takeUnread)
                        .map(Octets::escape)
                        .filter(reply -> !reply.isEmpty() && !reply.startsWith("421"))
                        .map(reply -> "\"" + reply + "\"")
                        .toList();
            case OPEN_SESSION ->
                sessions(false).stream()
                        .filter(session -> !session.awaitEnd(PATIENCE))
                        .map(session -> "session " + session.index() + "\n"
                                + session.transcript().indent(4).stripTrailing())
                        .toList();
            case UNSEEN_MESSAGE ->
                environment.upstream().unseenMessages().stream()
                        .map(ReceivedMessage::toString)
                        .toList();
            case UNUSED_FAULT -> {
                List<String> unused = new ArrayList<>(front.script().unused(PATIENCE));
                unused.addAll(environment.upstream().unusedFaults(PATIENCE));
                yield unused;
            }
        };
    }

    /** Ends everything that belongs to a finished test, but keeps the relay running. */
    void forget() {
        List<FrontConnection> over = sessions(true);
        probes.forEach(SmtpProbe::close);
        over.forEach(session -> session.awaitEnd(PATIENCE)); // else the next test would find them
        probes.clear();
        front.forget();
        environment.upstream().forget();
        environment.events().forget(front.sessions().size(), PATIENCE);
    }

    /** Ends everything. */
    void end() throws Exception {
        probes.forEach(SmtpProbe::close);
        closeAll(new ArrayDeque<>(List.of(front, relay.relay(), environment.upstream())));
    }
}
