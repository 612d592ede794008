package dev.postern.robustness;

import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.upstream.Turn;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A rule for a fake upstream whose replies slip: by chance it says one too many or leaves one out, at any place and in any
 * code, late, in pieces or in one segment with the next. It keeps a ledger of what it really said to the end of each
 * content.
 *
 * <p>Between its 354 and its reply to what follows the end of the content it does one such thing at most: with two, a reply
 * left out and another one made up, nobody could know.
 */
final class SlippingReplies implements Function<Turn, Optional<Fault>> {

    private static final String[] MADE_UP = {
        "250 2.0.0 queued as made up\r\n",
        "250 2.0.0 ok\r\n",
        "250 2.1.5 ok\r\n",
        "250-2.0.0 two\r\n250 2.0.0 lines\r\n",
        "354 go on\r\n",
        "550 5.7.1 no\r\n",
        "451 4.3.0 later\r\n",
        "220 hello again\r\n",
        "235 2.7.0 welcome again\r\n",
        "what\r\n"
    };
    private static final String[] END_REFUSALS = {
        "550 5.7.1 no\r\n", "552 5.3.4 too large\r\n", "451 4.3.0 later\r\n", "554-5.6.0 a\r\n554 5.6.0 b\r\n"
    };

    private final Map<Integer, Connection> connections = new HashMap<>();
    private final Map<String, Boolean> ledger = new ConcurrentHashMap<>();
    private final int slips;
    private final SplittableRandom random;

    /** Of a thousand replies, so many come with one too many, or not at all. */
    SlippingReplies(int slips, SplittableRandom random) {
        this.slips = slips;
        this.random = random;
    }

    /** Tells whether it answered the end of a sender's content with 2xx. */
    boolean accepted(String sender) {
        return ledger.getOrDefault(sender, false);
    }

    @Override
    public Optional<Fault> apply(Turn turn) {
        Connection connection;
        synchronized (connections) {
            connection = connections.computeIfAbsent(turn.connection(), n -> new Connection(random.split()));
        }
        return Optional.of(connection.answer(turn));
    }

    private final class Connection {

        private final SplittableRandom random;
        private final StringBuilder held = new StringBuilder(); // goes out with what is said next
        private String sender = "";
        private boolean window; // between 354 and the reply to what follows the end
        private boolean slipped; // in the window
        private boolean leftOut; // the last reply

        Connection(SplittableRandom random) {
            this.random = random;
        }

        private Fault answer(Turn turn) {
            String usual = turn.usual();
            return switch (turn.stage()) {
                case STARTTLS, QUIT -> Fault.octets(usual).butDoes(write(usual));
                case MAIL -> {
                    window = false;
                    sender = turn.line().replaceFirst(".*<(.*)>.*", "$1");
                    yield say(turn, isLikely(970) ? usual : refusal());
                }
                case RCPT -> say(turn, isLikely(960) ? usual : refusal());
                case DATA -> data(turn);
                case CONTENT -> slipInside();
                case END_OF_DATA -> end(turn);
                case RSET -> {
                    Fault reset = say(turn, usual);
                    window = false;
                    yield reset;
                }
                default -> say(turn, usual);
            };
        }

        private String refusal() {
            return random.nextBoolean() ? "550 5.1.1 no\r\n" : "450 4.2.0 later\r\n";
        }

        private Fault data(Turn turn) {
            if (!turn.usual().startsWith("354") || !isLikely(980)) {
                return say(turn, "554 5.5.1 not now\r\n");
            }
            window = true;
            slipped = false;
            Fault start = say(turn, turn.usual());
            if (leftOut) {
                window = false; // so there comes no content
                return Fault.octets("");
            }
            return start;
        }

        private Fault end(Turn turn) {
            if (isLikely(600)) {
                Fault reply = say(turn, "250 2.0.0 queued\r\n");
                ledger.put(sender, !leftOut);
                return reply;
            }
            return isLikely(100)
                    ? write("421 4.3.2 enough\r\n").then(Fault.close())
                    : say(turn, END_REFUSALS[random.nextInt(END_REFUSALS.length)]);
        }

        /** Speaks before the end of the content is there. */
        private Fault slipInside() {
            Fault nothing = pause();
            return maySlip() ? nothing.butDoes(pause().then(write(madeUp()))) : nothing;
        }

        /** Says a reply, mostly; the upstream goes on as if it had. */
        private Fault say(Turn turn, String reply) {
            Fault meant = Fault.octets(reply);
            leftOut = false;
            if (!maySlip()) {
                return meant.butDoes(hold(turn, reply));
            }
            return switch (random.nextInt(4)) {
                case 0 -> {
                    leftOut = true; // one too few
                    yield meant.butDoes(Fault.octets(""));
                }
                case 1 -> meant.butDoes(hold(turn, madeUp() + reply)); // in one segment
                case 2 ->
                    // in a segment of its own, a moment later
                    meant.butDoes(hold(turn, reply).then(pause()).then(write(madeUp())));
                default -> { // with the next one
                    Fault said = hold(turn, reply);
                    held.append(madeUp());
                    yield meant.butDoes(said);
                }
            };
        }

        private boolean maySlip() {
            boolean slips = !(window && slipped) && random.nextInt(1000) < SlippingReplies.this.slips;
            slipped |= slips;
            return slips;
        }

        private String madeUp() {
            return MADE_UP[random.nextInt(MADE_UP.length)];
        }

        /** At once, late, in pieces, or, when more commands are there, with the reply to the next one. */
        private Fault hold(Turn turn, String reply) {
            String all = held + reply;
            held.setLength(0);
            switch (random.nextInt(12)) {
                case 0 -> {
                    int half = random.nextInt(all.length());
                    return Fault.octets(all.substring(0, half)).then(pause()).then(Fault.octets(all.substring(half)));
                }
                case 1 -> {
                    return pause().then(Fault.octets(all));
                }
                case 2, 3 -> {
                    if (turn.moreToRead()) {
                        held.append(all);
                        return Fault.octets("");
                    }
                    return Fault.octets(all);
                }
                default -> {
                    return Fault.octets(all);
                }
            }
        }

        private Fault write(String octets) {
            String all = held + octets;
            held.setLength(0);
            return Fault.octets(all);
        }

        private Fault pause() {
            return Fault.delay(Duration.ofMillis(random.nextInt(1, 4)));
        }

        private boolean isLikely(int ofThousand) {
            return random.nextInt(1000) < ofThousand;
        }
    }
}
