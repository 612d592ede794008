package dev.postern.micrometer;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.ObservationRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A relay's meters, fed by its events: pass it to {@code SmtpRelayBuilder.listener}, together with other listeners by
 * {@link RelayListener#all}. Do not wrap it in {@link RelayListener#async}: it is quick, and a message's span must
 * begin on the thread that sends the message. No meter has a user, account, address or domain as a tag, unless {@link
 * #withAccounts} is called. Gauges are removed when the relay has ended; counters and timers stay.
 *
 * <p>Use one for each relay. The {@code withX} methods return a copy; call them before the relay starts. Thread-safe.
 */
public final class PosternMetrics implements RelayListener {

    private static final boolean SPOOLED = SpooledDeliveries.mayBe();

    /** Upstream names come from results, which a host's own delivery may fill as it likes. */
    private static final int MAX_UPSTREAMS = 100;

    private final MeterRegistry registry;
    private final ObservationRegistry observations;
    private final boolean traced;
    private final Tags relay;
    private final int mostAccounts;
    private final Map<Object, Timer> timers = new ConcurrentHashMap<>();
    private final Map<ReplyKey, Counter> replies = new ConcurrentHashMap<>();
    private final BoundedNames upstreams = new BoundedNames(MAX_UPSTREAMS);
    private final BoundedNames accounts;
    private volatile @Nullable Sizes sizes;
    private final MessageObservations messages;
    private @Nullable RelayGauges gauges; // guarded by this

    /**
     * Measures messages. Created only when a relay starts, so that {@link #withRelay} leaves no meters under the old
     * name.
     */
    private record Sizes(DistributionSummary octets, DistributionSummary recipients) {

        static Sizes of(MeterRegistry registry, Tags relay) {
            return new Sizes(
                    DistributionSummary.builder("postern.message.size")
                            .description("Octets of a message's content as it came")
                            .baseUnit("bytes")
                            .tags(relay)
                            .register(registry),
                    DistributionSummary.builder("postern.message.recipients")
                            .description("Recipients of a message whose content came to its end")
                            .tags(relay)
                            .register(registry));
        }
    }

    private record ReplyKey(@Nullable StandardReply row, RelayEvent.Stage stage) {}

    private record EndKey(RelayEvent.End end, @Nullable StandardReply row) {}

    private record LoginKey(String mechanism, int replyClass) {}

    private record DeliveryKey(String upstream, String outcome) {}

    private record MessageKey(RelayEvent.Outcome outcome, String account) {}

    private PosternMetrics(
            MeterRegistry registry, ObservationRegistry observations, boolean traced, Tags relay, int mostAccounts) {
        this.registry = registry;
        this.observations = observations;
        this.traced = traced;
        this.relay = relay;
        this.mostAccounts = mostAccounts;
        this.accounts = new BoundedNames(mostAccounts);
        this.messages = new MessageObservations(observations, traced, relay);
    }

    /**
     * Creates a relay's meters.
     *
     * @param registry the registry for the meters
     * @return the listener to pass to the relay's builder; its meters have the tag {@code relay="postern"}
     */
    public static PosternMetrics bind(MeterRegistry registry) {
        return new PosternMetrics(
                Objects.requireNonNull(registry, "registry"),
                ObservationRegistry.NOOP,
                false,
                Tags.of("relay", "postern"),
                0);
    }

    /**
     * Sets the relay's name in each meter, for several relays in one JVM. Default: {@code postern}.
     *
     * @param name the value of the tag {@code relay}
     * @return a copy
     * @throws IllegalArgumentException when the name is blank
     */
    public PosternMetrics withRelay(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("name must not be blank");
        }
        return new PosternMetrics(registry, observations, traced, Tags.of("relay", name), mostAccounts);
    }

    /**
     * Creates an observation {@code postern.message} for each message, from the end of its content to its reply, with
     * its scope open meanwhile. With Micrometer Tracing or OpenTelemetry's bridge it becomes a span, and the delivery's
     * calls become its children. Default: none.
     *
     * @param newObservations the registry for the observations
     * @return a copy
     */
    public PosternMetrics withObservations(ObservationRegistry newObservations) {
        return new PosternMetrics(registry, newObservations, traced, relay, mostAccounts);
    }

    /**
     * Makes a message's span continue the client's trace, if the message has a header field {@code traceparent} (and
     * {@code tracestate}) as in W3C Trace Context. Default: a new trace, because anyone who may send can forge the
     * field.
     *
     * @return a copy
     */
    public PosternMetrics continuingTraces() {
        return new PosternMetrics(registry, observations, true, relay, mostAccounts);
    }

    /**
     * Tags {@code postern.messages} with the sending account, as {@code account}. Each account adds a time series for
     * each outcome, and its name is visible to all who may see the meters. Default: no such tag.
     *
     * @param most how many accounts get a value of their own, the first to send; others share the value {@code other}
     * @return a copy
     * @throws IllegalArgumentException when {@code most} is under 1
     */
    public PosternMetrics withAccounts(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("most must be 1 or more");
        }
        return new PosternMetrics(registry, observations, traced, relay, most);
    }

    /** A spool tells of what it gives to upstreams by events of its own, when it is given this listener. */
    @Override
    public void on(RelayEvent event) {
        event.passTo(this);
        if (SPOOLED) {
            SpooledDeliveries.result(event).ifPresent(this::deliveredUnlessPassedOver);
        }
    }

    @Override
    public synchronized void relayStarted(RelayEvent.RelayStarted event) {
        if (gauges != null) {
            gauges.close();
        }
        gauges = new RelayGauges(registry, relay, event);
        Sizes unused = sizes();
        if (mostAccounts == 0) {
            // at 0 from the start: Prometheus sees no increase in a series that begins with its first count
            for (RelayEvent.Outcome outcome : RelayEvent.Outcome.values()) {
                timer(new MessageKey(outcome, ""), this::messages);
            }
        }
    }

    @Override
    public synchronized void relayClosed(RelayEvent.RelayClosed event) {
        if (gauges != null) {
            gauges.close();
            gauges = null;
        }
    }

    @Override
    public void sessionOpened(RelayEvent.SessionOpened event) {
        count(StandardReply.GREETING, RelayEvent.Stage.CONNECT);
    }

    @Override
    public void sessionClosed(RelayEvent.SessionClosed event) {
        StandardReply row = event.farewell().flatMap(Reply::standard).orElse(null);
        timer(
                        new EndKey(event.end(), row),
                        key -> timer("postern.sessions", "Sessions, by how they ended")
                                .tag("end", end(key))
                                .register(registry))
                .record(event.lasted());
    }

    private static String end(EndKey key) {
        if (key.end != RelayEvent.End.FAREWELL) {
            return lower(key.end);
        }
        return key.row == null ? BoundedNames.OTHER : key.row.name();
    }

    @Override
    public void loginJudged(RelayEvent.LoginJudged event) {
        timer(
                        new LoginKey(
                                event.mechanism().orElse("none"), event.reply().code() / 100),
                        key -> timer("postern.auth", "Logins, from their credentials to the reply")
                                .tag("mechanism", key.mechanism)
                                .tag("outcome", outcome(key.replyClass))
                                .register(registry))
                .record(event.took());
        if (event.reply().code() / 100 == 2 && event.mechanism().isPresent()) {
            count(event.reply(), RelayEvent.Stage.AUTH);
        }
    }

    private static String outcome(int replyClass) {
        return switch (replyClass) {
            case 2 -> "accepted";
            case 5 -> "refused";
            default -> "deferred";
        };
    }

    @Override
    public void refused(RelayEvent.Refused event) {
        count(event.reply(), event.stage());
    }

    @Override
    public void messageReceived(RelayEvent.MessageReceived event) {
        messages.begin(event);
    }

    @Override
    public void messageAnswered(RelayEvent.MessageAnswered event) {
        timer(new MessageKey(event.outcome(), account(event)), this::messages).record(event.took());
        sizes().octets.record((double) event.size());
        sizes().recipients.record(event.recipients());
        if (event.outcome() == RelayEvent.Outcome.ACCEPTED) {
            count(event.reply(), RelayEvent.Stage.CONTENT);
        }
        messages.end(event);
    }

    private Sizes sizes() {
        Sizes known = sizes;
        if (known == null) {
            known = Sizes.of(registry, relay); // made twice, they are the registry's same ones
            sizes = known;
        }
        return known;
    }

    private Timer messages(MessageKey key) {
        Timer.Builder timer = timer("postern.messages", "Messages, from the last octet of their content to the reply")
                .tag("outcome", lower(key.outcome));
        return (mostAccounts == 0 ? timer : timer.tag("account", key.account)).register(registry);
    }

    private String account(RelayEvent.MessageAnswered event) {
        return mostAccounts == 0
                ? ""
                : accounts.of(event.session().identity().map(Identity::account).orElse(BoundedNames.OTHER));
    }

    @Override
    public void relayed(RelayEvent.Relayed event) {
        delivered(event.result());
    }

    @Override
    public void notRelayed(RelayEvent.NotRelayed event) {
        deliveredUnlessPassedOver(event.result());
    }

    /** What is passed over has been told before. */
    private void deliveredUnlessPassedOver(DeliveryResult result) {
        if (!result.anotherMayTry()) {
            delivered(result);
        }
    }

    @Override
    public void passedOver(RelayEvent.PassedOver event) {
        delivered(event.result());
    }

    private void delivered(DeliveryResult result) {
        timer(
                        new DeliveryKey(upstreams.of(result.upstream()), outcome(result)),
                        key -> timer("postern.upstream.delivery", "Attempts to give a message to an upstream")
                                .tag("upstream", key.upstream)
                                .tag("outcome", key.outcome)
                                .register(registry))
                .record(result.took());
    }

    private static String outcome(DeliveryResult result) {
        if (result instanceof DeliveryResult.Accepted) {
            return "accepted";
        }
        return result instanceof DeliveryResult.Deferred deferred ? lower(deferred.reason()) : "rejected";
    }

    private void count(Reply reply, RelayEvent.Stage stage) {
        count(reply.standard().orElse(null), stage);
    }

    private void count(@Nullable StandardReply row, RelayEvent.Stage stage) {
        replies.computeIfAbsent(new ReplyKey(row, stage), this::counter).increment();
    }

    private Counter counter(ReplyKey key) {
        return Counter.builder("postern.replies")
                .description(
                        "Refusals, and what let in: the greeting, AUTH_SUCCEEDED, MESSAGE_ACCEPTED, MESSAGE_QUEUED")
                .tags(relay)
                .tag("reply", key.row == null ? BoundedNames.OTHER : key.row.name())
                .tag("stage", lower(key.stage))
                .register(registry);
    }

    private Timer.Builder timer(String name, String description) {
        return Timer.builder(name).description(description).tags(relay);
    }

    /** Uses a key of its own: a lookup in the registry would create the tags each time. */
    @SuppressWarnings("unchecked") // each key is made and read at the same place
    private <K> Timer timer(K key, Function<K, Timer> made) {
        Timer known = timers.get(key);
        return known == null ? timers.computeIfAbsent(key, same -> made.apply((K) same)) : known;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Returns the tag, for a log line. */
    @Override
    public String toString() {
        return "PosternMetrics" + relay.stream().map(Tag::getValue).toList();
    }
}
