package dev.postern.spool;

import dev.postern.spi.CanonicalName;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageSigner;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.Verdict;
import dev.postern.spool.SpoolEvent.Kind;
import dev.postern.spool.SpooledMessage.State;
import dev.postern.spool.Tables.Fresh;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes a message before the upstream has: it is accepted when it is durable here, and then tried until the upstream has it,
 * or its sender has been told that it could not be delivered.
 *
 * <pre>{@code
 * SmtpRelay.builder()
 *         .upstreams(connect -> Spool.builder(SpoolStore.directory(Path.of("/var/spool/postern")))
 *                 .start(connect.to(Upstream.smtp("smtp.example.net", 587))))
 * }</pre>
 *
 * <p>Nothing that was accepted is lost, and nothing is sent twice but what {@link SpoolEvent.Kind#POSSIBLY_DOUBLED} tells
 * of. Safe for use by several threads.
 */
public final class Spool implements UpstreamDelivery {

    private static final String NAME = "spool";
    private static final int PIECE = Tables.PIECE;
    /** Of the disk: a message that leaves is written down too, and nothing could leave a disk that is full to its end. */
    private static final long RESERVED = 64 << 20;

    private final Engine engine;
    private final Common common;
    private final Node node;
    private final Pump pump;
    private final AtomicLong coming = new AtomicLong(); // octets that are being written
    private final AtomicBoolean closed = new AtomicBoolean();

    private Spool(Builder builder, UpstreamDelivery next) {
        SpoolSettings settings = builder.settings.named();
        engine = builder.store.open(settings.timeout());
        Tables tables = new Tables(engine);
        SpoolEvents events = new SpoolEvents(builder.listener);
        common = new Common(
                tables,
                settings,
                next,
                builder.clock,
                events,
                new Suspensions(engine, builder.clock),
                builder.signer,
                builder.refunds);
        node = new Node(new NodeTable(engine), settings, builder.clock, events);
        pump = new Pump(common, node);
        boolean started = false;
        try {
            node.start(engine.alone(), pump::refreshSoon);
            pump.start();
            started = true;
        } finally {
            if (!started) {
                try (engine) {
                    pump.close();
                    node.close();
                }
            }
        }
    }

    /**
     * Begins to describe a spool.
     *
     * @param store where it keeps its messages
     * @return a builder with the defaults of {@link SpoolSettings}
     */
    public static Builder builder(SpoolStore store) {
        return new Builder(store);
    }

    /** Describes a spool. Not safe for use by several threads. */
    public static final class Builder {

        private final SpoolStore store;
        private SpoolSettings settings = SpoolSettings.defaults();
        private RelayListener listener = RelayListener.none();
        private RelayClock clock = RelayClock.system();
        private @Nullable MessageSigner signer;
        private @Nullable Refunds refunds;

        private Builder(SpoolStore store) {
            this.store = Objects.requireNonNull(store, "store");
        }

        /**
         * Sets how the spool tries, when it gives up, and how much it holds. By default {@link SpoolSettings#defaults()}.
         *
         * @param newSettings all of them
         * @return this
         */
        public Builder settings(SpoolSettings newSettings) {
            settings = Objects.requireNonNull(newSettings, "settings");
            return this;
        }

        /**
         * Sets who is told what happens, by {@link SpoolEvent}. By default nobody. Called on threads of the spool, and on
         * the session's for what comes.
         *
         * @param newListener the relay's, or one of its own
         * @return this
         */
        public Builder listener(RelayListener newListener) {
            listener = Objects.requireNonNull(newListener, "listener");
            return this;
        }

        /**
         * Sets who signs the notices of the spool itself; the relay signs messages before they come here. By default nobody.
         * A notice that cannot be signed leaves unsigned, for nobody would hear of it otherwise.
         *
         * @param newSigner the relay's
         * @return this
         */
        public Builder signer(MessageSigner newSigner) {
            signer = Objects.requireNonNull(newSigner, "signer");
            return this;
        }

        /**
         * Gives quota back for recipients that bounce, at most once for each. By default what the relay has counted when it
         * took a message stays counted. What a plan counts once for all recipients is given back when none of them has the
         * message, and nothing is given back after the period in which the message came. Notices are not counted at all.
         *
         * @param store the relay's ({@link QuotaStore#adjust}), called on threads of the spool; when it fails, that is logged
         *     and the units stay counted
         * @param plans an identity's plan, as the relay had it: domains and own limits are not kept with a message
         * @return this
         */
        public Builder refunds(QuotaStore store, Function<Identity, QuotaPlan> plans) {
            refunds = new Refunds(Objects.requireNonNull(store, "store"), Objects.requireNonNull(plans, "plans"));
            return this;
        }

        /**
         * Sets the clock. By default the machine's.
         *
         * @param newClock one that a test moves
         * @return this
         */
        public Builder clock(RelayClock newClock) {
            clock = Objects.requireNonNull(newClock, "clock");
            return this;
        }

        /**
         * Opens the store and begins to try what is in it.
         *
         * @param next where messages go; closed by the spool
         * @return the spool, which is running
         * @throws SpoolException when the store cannot be opened
         */
        public Spool start(UpstreamDelivery next) {
            return new Spool(this, Objects.requireNonNull(next, "next"));
        }
    }

    /**
     * Takes a message: accepted as soon as it is durable. The first attempt begins at once.
     *
     * @return accepted; deferred when the spool is full ({@link Reason#NO_ROOM}), is closed, or its database failed
     */
    @Override
    public DeliveryResult deliver(Submission submission) {
        Objects.requireNonNull(submission, "submission");
        if (closed.get()) {
            return DeliveryResult.deferred(NAME, Reason.FAILED, "the spool is closed");
        }
        String account = submission.identity().account();
        long octets = submission.content().size();
        long written = coming.addAndGet(octets);
        try {
            return hasRoom(written) && pump.loads().comes(common.settings(), account, octets)
                    ? spool(submission, account, octets)
                    : full();
        } finally {
            coming.addAndGet(-octets);
        }
    }

    private DeliveryResult spool(Submission submission, String account, long octets) {
        boolean done = false;
        try {
            Stored message = stored(submission);
            pump.accept(new Fresh(message, Octets.orAsItIs(submission.content(), PIECE)));
            done = true;
            pump.trouble().stored();
            common.events().tell(Kind.SPOOLED, message, message.waiting(), Optional.empty());
            return DeliveryResult.accepted(NAME, StandardReply.MESSAGE_QUEUED.reply(message.id()))
                    .withDsn();
        } catch (IOException | SpoolException e) {
            pump.trouble().notStored(submission.id(), e);
            return DeliveryResult.deferred(
                    NAME, Reason.FAILED, "not spooled: " + e.getClass().getSimpleName());
        } finally {
            pump.loads().came(account, octets, done);
        }
    }

    /** Written octets are with those of others that come at the same time: in the log first, then in their place. */
    private boolean hasRoom(long written) {
        return (engine.room() - RESERVED) / 2 >= written;
    }

    private boolean full(String account, long octets, long written) {
        return pump.loads().full(common.settings(), account, octets) || !hasRoom(written);
    }

    private static Deferred full() {
        return DeliveryResult.deferred(NAME, Reason.NO_ROOM, "the spool is full");
    }

    private Stored stored(Submission submission) {
        long now = common.nowMillis();
        SpoolSettings settings = common.settings();
        long firstNotice =
                Math.min(settings.delayNotice().toMillis(), settings.giveUp().toMillis());
        return Stored.fresh(
                submission.identity().account(),
                now,
                now + firstNotice,
                submission.content().size(),
                Frozen.of(submission),
                submission.envelope().recipients());
    }

    /** Tells that its database or file cannot be written, or that it is full. */
    @Override
    public Optional<String> trouble() {
        if (closed.get()) {
            return Optional.empty();
        }
        return pump.trouble().now().or(this::shortage).map(why -> NAME + ": " + why);
    }

    private Optional<String> shortage() {
        if (!hasRoom(coming.get())) {
            return Optional.of("its disk is full");
        }
        Loads.Totals totals = pump.loads().totals();
        return common.settings().full(totals.messages() + 1, totals.octets())
                ? Optional.of("it holds as much as it may")
                : Optional.empty();
    }

    /** {@return no limit of its own: what has too many for the upstream is sent in several transactions} */
    @Override
    public int maxRecipients() {
        return Integer.MAX_VALUE;
    }

    /**
     * Returns a policy that refuses MAIL by 452 4.3.1 while the spool is full, before the client has sent the content.
     *
     * @return a policy for the relay, or to be combined with its own by {@link EnvelopePolicy#and}
     */
    public EnvelopePolicy capacityPolicy() {
        Optional<Spool> self = Optional.of(this);
        return capacityPolicy(() -> self);
    }

    /**
     * Returns {@link #capacityPolicy()} of a spool that is opened later than the relay's policies are put together.
     *
     * @param spool asked at each MAIL, by many threads; while it has none, nothing is refused
     * @return a policy for the relay, or to be combined with its own by {@link EnvelopePolicy#and}
     */
    public static EnvelopePolicy capacityPolicy(Supplier<Optional<Spool>> spool) {
        Objects.requireNonNull(spool, "spool");
        return new EnvelopePolicy() {
            @Override
            public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
                String account = identity.account();
                long octets = envelope.parameters().size().orElse(0);
                return spool.get()
                                .map(opened -> opened.full(account, octets, opened.coming.get() + octets))
                                .orElse(false)
                        ? Verdict.refuse(StandardReply.CONTENT_SPACE)
                        : Verdict.proceed();
            }

            @Override
            public Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
                return Verdict.proceed();
            }
        };
    }

    // control

    /**
     * Lists messages that are not settled, the oldest first.
     *
     * @param filter which
     * @param most how many at most, 1 to 1,000
     * @return as they are in the database now; fewer than there are when these have more than some 8,000 recipients together,
     *     which all stand in memory
     * @throws IllegalArgumentException when most is out of its bounds
     * @throws SpoolException when the database fails, as all methods here
     */
    public List<SpooledMessage> list(SpoolFilter filter, int most) {
        requireMost(most, 1000);
        return List.copyOf(common.tables().list(filter, most));
    }

    private static void requireMost(int most, int bound) {
        if (most < 1 || most > bound) {
            throw new IllegalArgumentException("most must be 1 to " + bound + ", not " + most);
        }
    }

    /**
     * Counts messages that are not settled.
     *
     * @param filter which
     * @param most where counting ends, 1 to 1,000,000: it takes the longer, the more it finds
     * @return how many are in the database now; {@code most} when they are as many or more
     * @throws IllegalArgumentException when most is out of its bounds
     */
    public int count(SpoolFilter filter, int most) {
        requireMost(most, 1_000_000);
        return common.tables().count(filter, most);
    }

    /**
     * Tells which accounts have messages that are not settled, those with the most first. For any thread, and without asking
     * the database: the numbers are those of {@link #figures()}, as of a second ago.
     *
     * @param most how many accounts at most, 1 to 1,000
     * @return the accounts, each with what waits of it
     * @throws IllegalArgumentException when most is out of its bounds
     */
    public List<SpooledAccount> accounts(int most) {
        requireMost(most, 1000);
        return pump.loads().largest(most);
    }

    /**
     * Finds one message.
     *
     * @param id the spool's id of it
     * @return the message; empty when it is settled or unknown
     */
    public Optional<SpooledMessage> find(String id) {
        return list(SpoolFilter.all().withId(id), 1).stream().findFirst();
    }

    /**
     * Holds a message back, without an end: it is not tried and not given up until it is released.
     *
     * @param id the spool's id of it
     * @return false when it is being sent, settled or unknown
     */
    public boolean hold(String id) {
        return common.tables().change(id, State.HELD, common.nowMillis());
    }

    /**
     * Lets a message go on, and has it tried now: one that was held, or that waits for its moment or its upstream.
     *
     * @param id the spool's id of it
     * @return false when it is being sent, settled or unknown
     */
    public boolean release(String id) {
        boolean done = common.tables().change(id, State.READY, common.nowMillis());
        pump.refreshSoon();
        return done;
    }

    /**
     * Gives a message up now: its sender is told as if its time were over.
     *
     * @param id the spool's id of it
     * @return false when it is being sent, settled or unknown
     */
    public boolean bounce(String id) {
        return pump.endings().giveUp(id);
    }

    /**
     * Removes a message without a word to anybody.
     *
     * @param id the spool's id of it
     * @return false when it is being sent, settled or unknown
     */
    public boolean remove(String id) {
        List<Stored> found = common.tables().list(SpoolFilter.all().withId(id), 1);
        boolean done = common.tables().remove(id);
        if (done) {
            found.forEach(message -> common.events().tell(Kind.REMOVED, message, message.waiting(), Optional.empty()));
            pump.refreshSoon();
        }
        return done;
    }

    /**
     * Has an account's messages wait for a time, on all nodes within a second or so. They are accepted as before. Their time
     * goes on meanwhile: their senders hear of the delay, and what is too old when the time is over is tried once more.
     *
     * @param account in any case
     * @param time how long from now, 1 second to 30 days; in place of what it was before
     * @return what holds from now on
     * @throws IllegalArgumentException when account is empty or has more than 255 characters, or time is out of its bounds
     */
    public Suspension suspendAccount(String account, Duration time) {
        return suspend(Suspension.Of.ACCOUNT, named("account", CanonicalName.ofAccount(account)), time);
    }

    /**
     * Has messages wait for a time for their recipients of a domain, on all nodes within a second or so; other recipients of
     * the same message do not wait. Their time goes on meanwhile: their senders hear of the delay, and of the end.
     *
     * @param domain compared as {@link MailAddress#foldDomain} folds it; without those below it
     * @param time how long from now, 1 second to 30 days; in place of what it was before
     * @return what holds from now on
     * @throws IllegalArgumentException when domain is empty or has more than 255 characters, or time is out of its bounds
     */
    public Suspension suspendDomain(String domain, Duration time) {
        return suspend(Suspension.Of.DOMAIN, named("domain", MailAddress.foldDomain(domain)), time);
    }

    private Suspension suspend(Suspension.Of of, String name, Duration time) {
        if (time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(Duration.ofDays(30)) > 0) {
            throw new IllegalArgumentException("time must be 1 second to 30 days, not " + time);
        }
        Suspension suspension = common.suspensions().suspend(of, name, time);
        pump.refreshSoon();
        return suspension;
    }

    private static String named(String parameter, String name) {
        if (name.isBlank() || name.length() > 255) {
            throw new IllegalArgumentException(parameter + " must have 1 to 255 characters");
        }
        return name;
    }

    /**
     * Ends a suspension before its time: what waited is tried now.
     *
     * @param account in any case
     * @return false when there was none
     */
    public boolean resumeAccount(String account) {
        return resume(Suspension.Of.ACCOUNT, CanonicalName.ofAccount(account));
    }

    /**
     * Ends a suspension before its time: what waited is tried now.
     *
     * @param domain compared as {@link MailAddress#foldDomain} folds it
     * @return false when there was none
     */
    public boolean resumeDomain(String domain) {
        return resume(Suspension.Of.DOMAIN, MailAddress.foldDomain(domain));
    }

    private boolean resume(Suspension.Of of, String name) {
        boolean was = common.suspensions().resume(of, name);
        pump.refreshSoon();
        return was;
    }

    /** {@return what is suspended now, in the order of its end} */
    public List<Suspension> suspensions() {
        return common.suspensions().all();
    }

    /**
     * Tells what the spool holds and has done. For any thread, costs little.
     *
     * @return the figures of this moment
     */
    public SpoolFigures figures() {
        return new ReadFigures(
                pump.loads().totals(),
                pump.sending(),
                common.events().counts(),
                pump.trouble().failures());
    }

    /** Waits for the attempts that are under way, for 30 seconds at most; the rest stays for the next start. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            UpstreamDelivery next = common.next();
            try (engine;
                    next) { // next first
                pump.close();
                node.close();
            }
        }
    }
}
