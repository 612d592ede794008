package dev.postern.examples.servers;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.MessageRules;
import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.Identity;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.upstream.FakeUpstream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** What clients of the relay do while its upstream is a server with low limits. The result is a cell of the page. */
enum UpstreamScenario {
    PARALLEL("80 messages over 8 sessions") {
        @Override
        String run(Scene scene) throws InterruptedException, ExecutionException {
            ExecutorService clients = Executors.newFixedThreadPool(SESSIONS);
            try {
                List<Future<?>> running = new ArrayList<>();
                for (int i = 0; i < SESSIONS; i++) {
                    String name = "parallel " + i + "-";
                    running.add(clients.submit(() -> scene.sendInOneSession(name, MESSAGES_OF_SESSION)));
                }
                for (Future<?> client : running) {
                    client.get();
                }
            } finally {
                clients.shutdownNow();
            }
            return scene.counted(SESSIONS * MESSAGES_OF_SESSION);
        }
    },
    ONE_SESSION("7 messages in one session") {
        @Override
        String run(Scene scene) {
            scene.sendInOneSession("one session ", MESSAGES);
            return scene.counted(MESSAGES);
        }
    },
    RECIPIENTS("60 recipients") {
        @Override
        String run(Scene scene) {
            List<String> recipients = recipients(RECIPIENTS_OF_MESSAGE);
            scene.client.sendPatiently("to many", Letter.plain("to many"), recipients);
            return scene.counted(recipients.size());
        }
    },
    SIZE("too large") {
        @Override
        String run(Scene scene) {
            return scene.refused("large", Letter.large("large", LARGE), TO);
        }
    },
    REFUSED_RECIPIENT("refused recipient") {
        @Override
        String run(Scene scene) {
            // Dovecot asks the server behind it
            scene.behind.scriptRecipient(REFUSED, Fault.reply("550 5.1.1 no such user"));
            return scene.refused("one refused", Letter.plain("one refused"), TO, REFUSED);
        }
    },
    REFUSED_CONTENT("refused content") {
        @Override
        String run(Scene scene) {
            if (scene.server == Server.COURIER) {
                return NOT_TRIED; // that takes a filter program
            }
            if (scene.server == Server.DOVECOT) {
                scene.behind.at(Stage.END_OF_DATA).once(Fault.reply("550 5.7.1 content refused"));
            }
            return scene.refused("forbidden", Letter.plain("forbidden"), TO);
        }
    };

    static final String NOT_TRIED = "not tried";

    private static final int SESSIONS = 8;
    private static final int MESSAGES_OF_SESSION = 10;
    private static final int MESSAGES = 7;
    private static final int RECIPIENTS_OF_MESSAGE = 60;
    private static final int LARGE = 150 * 1024;
    private static final String TO = "bob@example.net";
    private static final String REFUSED = "refused@local.example.net";

    private final String title;

    UpstreamScenario(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** Runs it with a relay of its own, before a server that runs already. */
    String observe(Server server, World world, FakeUpstream behind) throws Exception {
        Upstream upstream = Upstream.smtp("127.0.0.1", world.port());
        world.awaitNobody();
        try (SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .auth(AuthSettings.defaults().withTrusted("127.0.0.1/32", Identity.of(Letter.FROM)))
                        .messages(MessageRules.defaults().withMaxRecipients(100))
                        .upstream(
                                server == Server.DOVECOT
                                        ? upstream.allowPlaintextAuth().login("ann", "secret")
                                        : upstream)
                        .start();
                Scene scene = new Scene(server, behind, relay.port())) {
            String cell = run(scene);
            scene.ledger.mustBeKept();
            return cell;
        }
    }

    abstract String run(Scene scene) throws Exception;

    static List<String> recipients(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> "bob" + i + "@example.net")
                .toList();
    }

    /** What a scenario works with. */
    static final class Scene implements AutoCloseable {

        private final Server server;
        private final FakeUpstream behind;
        private final int port;
        private final Ledger ledger;
        private final Client client;

        private Scene(Server server, FakeUpstream behind, int port) {
            this.server = server;
            this.behind = behind;
            this.port = port;
            this.ledger = new Ledger(behind);
            this.client = new Client(port, ledger);
        }

        void sendInOneSession(String name, int messages) {
            try (Client session = new Client(port, ledger)) {
                for (int i = 1; i <= messages; i++) {
                    session.send(name + i, Letter.plain(name + i), TO);
                }
            }
        }

        String counted(int of) {
            String refusals = ledger.refusals();
            return ledger.promises() + " of " + of + (refusals.isEmpty() ? "" : "; " + refusals);
        }

        /** The reply to a message that the server refuses, and whether the next one is sent all the same. */
        String refused(String subject, String message, String... recipients) {
            ProbeReply reply = client.send(subject, message, recipients);
            ProbeReply next = client.send("next", Letter.plain("next"), TO);
            return reply.code() + " "
                    + reply.enhancedStatus().map(EnhancedStatus::toString).orElse("")
                    + (next.code() == 250 ? "" : ", the next one " + next.code());
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
