package dev.postern.examples.servers;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.upstream.ReceivedMessage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the programs of a host send through its mail server and the relay. The result is a cell of the page. */
enum SenderScenario {
    SIZE("too large") {
        @Override
        String run(Scene scene) {
            scene.world.send(Letter.large(name(), 150 * 1024), List.of(TO));
            return scene.bounced(name());
        }
    },
    CONTENT("refused attachment") {
        @Override
        String run(Scene scene) {
            scene.world.send(Letter.disguised(name()), List.of(TO));
            return scene.bounced(name());
        }
    },
    RECIPIENT("refused recipient") {
        @Override
        String run(Scene scene) {
            scene.behind.scriptRecipient(REFUSED, Fault.reply("550 5.1.1 no such user"));
            scene.world.send(Letter.plain(name()), List.of(REFUSED));
            return scene.bounced(name());
        }
    },
    QUOTA("quota used up") {
        @Override
        String run(Scene scene) {
            scene.relay.use(RelayOfSenders.QUOTA.limit());
            try {
                scene.world.send(Letter.plain(name()), List.of(TO));
                if (!scene.relay.awaitReply(StandardReply.QUOTA_EXCEEDED, PATIENCE)) {
                    return "not refused";
                }
            } finally {
                scene.relay.use(-RelayOfSenders.QUOTA.limit());
            }
            scene.world.flush();
            return scene.arrived(name(), 1).equals("1 of 1") ? "kept, sent later" : scene.bounced(name());
        }
    },
    // behind the others: senders pause when a session has had as many messages as the relay takes
    MESSAGES("40 messages") {
        @Override
        String run(Scene scene) {
            scene.world.sendMany(Letter.plain(name() + " NUMBER"), 40, TO);
            return scene.arrived(name() + " ", 40);
        }
    },
    // the last, for a sender that cannot split it has it for ever
    RECIPIENTS("60 recipients") {
        @Override
        String run(Scene scene) {
            List<String> recipients = UpstreamScenario.recipients(60);
            scene.world.send(Letter.plain(name()), recipients);
            return scene.arrived(name(), recipients.size());
        }
    };

    private static final String TO = "bob@example.net";
    private static final String REFUSED = "nobody@example.net";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Duration BEFORE_FLUSH = Duration.ofSeconds(2);
    private static final Duration AFTER_QUEUE = Duration.ofSeconds(5); // a bounce may be in the making
    private static final int FLUSHES = 6;

    private final String title;

    SenderScenario(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    abstract String run(Scene scene);

    /** What a scenario works with: the sender, the relay that it sends to, and the server behind that. */
    record Scene(World world, RelayOfSenders relay, FakeUpstream behind) {

        /** How many copies there are of messages with such a subject. */
        long copies(String subject) {
            return Ledger.copies(behind.messages()).entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith(subject))
                    .mapToInt(entry -> entry.getValue())
                    .sum();
        }

        /** How many have arrived of so many; a busy machine may take long, but not without one that arrives meanwhile. */
        String arrived(String subject, int of) {
            long before = 0;
            int inVain = 0;
            while (inVain < FLUSHES && !Patience.until(BEFORE_FLUSH, () -> copies(subject) >= of)) {
                long now = copies(subject);
                inVain = now > before ? 0 : inVain + 1;
                before = now;
                world.flush(); // what was put off would wait for its next turn
            }
            return copies(subject) + " of " + of;
        }

        /** Whether the sender was told, by a message of its server that has come through the relay. */
        String bounced(String subject) {
            Patience.until(PATIENCE, () -> bounce(subject).isPresent() || world.queued() == 0);
            if (Patience.until(AFTER_QUEUE, () -> bounce(subject).isPresent())) {
                return "bounce";
            }
            return world.queued() > 0 ? "kept" : "no word";
        }

        private Optional<ReceivedMessage> bounce(String subject) {
            return behind.messages().stream()
                    .filter(message -> message.reversePath().isEmpty()
                            && message.recipientAddresses().equals(List.of(Letter.FROM))
                            && message.contentText().contains("Subject: " + subject))
                    .findFirst();
        }
    }
}
