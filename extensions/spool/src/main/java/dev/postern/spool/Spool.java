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
 * Queues messages on disk: a message is accepted once it is stored durably, and then tried until the upstream has it or
 * its sender has been notified that it could not be delivered.
 *
 * <pre>{@code
 * SmtpRelay.builder()
 *         .upstreams(connect -> Spool.builder(SpoolStore.directory(Path.of("/var/spool/postern")))
 *                 .start(connect.to(Upstream.smtp("smtp.example.net", 587))))
 * }</pre>
 *
 * <p>No accepted message is lost, and none is sent twice except those reported by {@link
 * SpoolEvent.Kind#POSSIBLY_DOUBLED}. Thread-safe.
 */
public final class Spool implements UpstreamDelivery {

    private static final String NAME = "spool";
    private static final int PIECE = Tables.PIECE;
    /** Disk space kept free: removing a message also writes, so no message could leave a full disk. */
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
     * Returns a builder of a spool.
     *
     * @param store where the spool keeps its messages
     * @return a builder with the defaults of {@link SpoolSettings}
     */
    public static Builder builder(SpoolStore store) {
        return new Builder(store);
    }

    /** Configures a spool. Not thread-safe. */
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
         * Sets the retry schedule, the time to give up, and the capacity. Default: {@link SpoolSettings#defaults()}.
         *
         * @param newSettings the settings
         * @return this
         */
        public Builder settings(SpoolSettings newSettings) {
            settings = Objects.requireNonNull(newSettings, "settings");
            return this;
        }

        /**
         * Sets the listener for {@link SpoolEvent}s. Default: none. Called on the spool's threads, and on the session's
         * thread for new messages.
         *
         * @param newListener the relay's listener, or another one
         * @return this
         */
        public Builder listener(RelayListener newListener) {
            listener = Objects.requireNonNull(newListener, "listener");
            return this;
        }

        /**
         * Sets the signer of the spool's own notices; the relay signs messages before they reach the spool. Default:
         * none. A notice that cannot be signed is sent unsigned, because otherwise its recipient would get none.
         *
         * @param newSigner the relay's signer
         * @return this
         */
        public Builder signer(MessageSigner newSigner) {
            signer = Objects.requireNonNull(newSigner, "signer");
            return this;
        }

        /**
         * Gives quota back for recipients that bounce, at most once for each. By default, units that the relay counted
         * when it accepted a message stay counted. Units that a plan counts once for all recipients are given back when
         * none of them has the message. Nothing is given back after the period in which the message came. Notices are
         * never counted.
         *
         * @param store the relay's store ({@link QuotaStore#adjust}), called on the spool's threads; when it fails, the
         *     failure is logged and the units stay counted
         * @param plans returns an identity's plan, as the relay used it: domains and own limits are not stored with a
         *     message
         * @return this
         */
        public Builder refunds(QuotaStore store, Function<Identity, QuotaPlan> plans) {
            refunds = new Refunds(Objects.requireNonNull(store, "store"), Objects.requireNonNull(plans, "plans"));
            return this;
        }

        /**
         * Sets the clock. Default: the machine's.
         *
         * @param newClock one that a test moves
         * @return this
         */
        public Builder clock(RelayClock newClock) {
            clock = Objects.requireNonNull(newClock, "clock");
            return this;
        }

        /**
         * Opens the store and starts to deliver its messages.
         *
         * @param next where messages are delivered; closed by the spool
         * @return the running spool
         * @throws SpoolException when the store cannot be opened
         */
        public Spool start(UpstreamDelivery next) {
            return new Spool(this, Objects.requireNonNull(next, "next"));
        }
    }

    /**
     * Accepts a message as soon as it is durable. The first attempt begins at once.
     *
     * @return accepted; deferred when the spool is full ({@link Reason#NO_ROOM}) or closed, or its database failed
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
        long begun = common.clock().nanoTime();
        try {
            Stored message = stored(submission);
            pump.accept(new Fresh(message, Octets.orAsItIs(submission.content(), PIECE)));
            done = true;
            pump.trouble().stored();
            common.events().tell(Kind.SPOOLED, message, message.waiting(), Optional.empty());
            return DeliveryResult.accepted(NAME, StandardReply.MESSAGE_QUEUED.reply(message.id()))
                    .withDsn()
                    .withTook(Duration.ofNanos(Math.max(0, common.clock().nanoTime() - begun)));
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

    /** Returns why messages are not accepted: the database or file cannot be written, or the spool is full. */
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

    /**
     * {@return no limit of its own: a message with too many recipients for the upstream is sent in several
     * transactions}
     */
    @Override
    public int maxRecipients() {
        return Integer.MAX_VALUE;
    }

    /**
     * Returns a policy that refuses MAIL with 452 4.3.1 while the spool is full, before the client sends the content.
     *
     * @return a policy for the relay, or to combine with others by {@link EnvelopePolicy#and}
     */
    public EnvelopePolicy capacityPolicy() {
        Optional<Spool> self = Optional.of(this);
        return capacityPolicy(() -> self);
    }

    /**
     * Returns {@link #capacityPolicy()} for a spool that is opened after the relay's policies are set up.
     *
     * @param spool called at each MAIL, by many threads; while it returns none, nothing is refused
     * @return a policy for the relay, or to combine with others by {@link EnvelopePolicy#and}
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
     * Lists unsettled messages, oldest first.
     *
     * @param filter selects the messages
     * @param most how many at most, 1 to 1,000
     * @return the messages as they are in the database now; fewer than there are when together they have more than
     *     about 8,000 recipients, which are all held in memory
     * @throws IllegalArgumentException when most is out of bounds
     * @throws SpoolException when the database fails, as for all methods here
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
     * Counts unsettled messages.
     *
     * @param filter selects the messages
     * @param most where to stop counting, 1 to 1,000,000; the more messages there are, the longer it takes
     * @return how many are in the database now; {@code most} when there are as many or more
     * @throws IllegalArgumentException when most is out of bounds
     */
    public int count(SpoolFilter filter, int most) {
        requireMost(most, 1_000_000);
        return common.tables().count(filter, most);
    }

    /**
     * Lists the accounts with unsettled messages, those with the most first. Thread-safe, and does not query the
     * database: the numbers are those of {@link #figures()}, as of a second ago.
     *
     * @param most how many accounts at most, 1 to 1,000
     * @return the accounts, each with its waiting messages
     * @throws IllegalArgumentException when most is out of bounds
     */
    public List<SpooledAccount> accounts(int most) {
        requireMost(most, 1000);
        return pump.loads().largest(most);
    }

    /**
     * Finds one message.
     *
     * @param id the spool's id of the message
     * @return the message; empty when it is settled or unknown
     */
    public Optional<SpooledMessage> find(String id) {
        return list(SpoolFilter.all().withId(id), 1).stream().findFirst();
    }

    /**
     * Holds a message back indefinitely: it is neither tried nor given up until it is released.
     *
     * @param id the spool's id of the message
     * @return false when it is being sent, settled or unknown
     */
    public boolean hold(String id) {
        return common.tables().change(id, State.HELD, common.nowMillis());
    }

    /**
     * Tries a message now: one that is held, or that waits for its next attempt or its upstream.
     *
     * @param id the spool's id of the message
     * @return false when it is being sent, settled or unknown
     */
    public boolean release(String id) {
        boolean done = common.tables().change(id, State.READY, common.nowMillis());
        pump.refreshSoon();
        return done;
    }

    /**
     * Gives a message up now: its sender is notified as if its time were over.
     *
     * @param id the spool's id of the message
     * @return false when it is being sent, settled or unknown
     */
    public boolean bounce(String id) {
        return pump.endings().giveUp(id);
    }

    /**
     * Removes a message without notifying anyone.
     *
     * @param id the spool's id of the message
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
     * Suspends delivery of an account's messages for a time, on all nodes within about a second. New ones are still
     * accepted. Their time to live runs on: senders get delay notices, and a message that is too old when the
     * suspension ends is tried once more.
     *
     * @param account the account, in any case
     * @param time how long from now, 1 second to 30 days; replaces an earlier suspension's time
     * @return the suspension
     * @throws IllegalArgumentException when account is empty or has more than 255 characters, or time is out of bounds
     */
    public Suspension suspendAccount(String account, Duration time) {
        return suspend(Suspension.Of.ACCOUNT, named("account", CanonicalName.ofAccount(account)), time);
    }

    /**
     * Suspends delivery to a domain's recipients for a time, on all nodes within about a second; other recipients of
     * the same message do not wait. The messages' time to live runs on: senders get delay notices, and a notice when a
     * message is given up.
     *
     * @param domain folded by {@link MailAddress#foldDomain} for comparison; does not include its sub-domains
     * @param time how long from now, 1 second to 30 days; replaces an earlier suspension's time
     * @return the suspension
     * @throws IllegalArgumentException when domain is empty or has more than 255 characters, or time is out of bounds
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
     * Ends a suspension early: the waiting messages are tried now.
     *
     * @param account the account, in any case
     * @return false when there was none
     */
    public boolean resumeAccount(String account) {
        return resume(Suspension.Of.ACCOUNT, CanonicalName.ofAccount(account));
    }

    /**
     * Ends a suspension early: the waiting messages are tried now.
     *
     * @param domain folded by {@link MailAddress#foldDomain} for comparison
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

    /** {@return the current suspensions, in the order in which they end} */
    public List<Suspension> suspensions() {
        return common.suspensions().all();
    }

    /**
     * Returns what the spool holds and has done. Thread-safe and cheap.
     *
     * @return the current figures
     */
    public SpoolFigures figures() {
        return new ReadFigures(
                pump.loads().totals(),
                pump.sending(),
                common.events().counts(),
                pump.trouble().failures());
    }

    /**
     * Waits for running attempts, for at most 30 seconds; the rest stays for the next start. When a listener closes the spool
     * on an attempt's own thread, another thread waits, so that the end of that attempt can still be stored.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (Workers.isAttempting()) {
            new Thread(this::end, "postern-spool-end").start();
        } else {
            end();
        }
    }

    private void end() {
        UpstreamDelivery next = common.next();
        try (engine;
                next) { // next first
            pump.close();
            node.close();
        }
    }
}
