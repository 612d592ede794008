package dev.postern.dns;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.RelayClock;
import dev.postern.spi.SenderDomains;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.SimpleResolver;

/**
 * Lets an identity send from those of its domains that are set up in DNS: ownership, SPF, DKIM key and DMARC, each
 * required only if the builder says so. A sub-domain covered by {@code *.example.org} is validated by {@code
 * example.org}.
 *
 * <p>Answers are cached for their TTLs, within bounds, and refreshed in the background before they expire. When the
 * resolver fails, a validated domain stays validated for {@link Builder#maxStale}; any other domain is {@link
 * dev.postern.spi.SenderDomains.Status#UNKNOWN}, so that clients send its mail again later. Thread-safe; {@link #check}
 * blocks for at most {@link Builder#patience}.
 */
public final class DnsSenderDomains implements SenderDomains {

    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration RESOLVER_TIMEOUT = Duration.ofSeconds(5);

    private final Cache<String, DomainState> domains;
    private final DomainState.Rules rules;

    private DnsSenderDomains(Builder settings) {
        domains = Caffeine.newBuilder().maximumSize(settings.maxDomains).build();
        Txt txt = new Txt(settings.resolver(), settings.minTtl);
        rules = new DomainState.Rules(
                List.copyOf(settings.checks),
                txt,
                settings.clock,
                settings.minTtl,
                settings.maxTtl,
                settings.maxStale,
                settings.patience);
    }

    /**
     * Returns a builder; at least one requirement must be set.
     *
     * @return a builder, not thread-safe
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Status check(Identity identity, String domain) {
        return identity.covering(domain).map(owned -> state(owned).status()).orElse(Status.FOREIGN);
    }

    /**
     * Queries DNS now, regardless of what is cached; for a "check again" button.
     *
     * @param domain any domain
     * @return completes within seconds with the result, never exceptionally
     * @throws IllegalArgumentException when it is not a domain
     */
    public CompletableFuture<DomainReport> verify(String domain) {
        if (!MailAddress.isDomain(domain)) {
            throw new IllegalArgumentException("domain must be a domain name, not " + domain);
        }
        return state(MailAddress.foldDomain(domain)).refresh().copy();
    }

    /**
     * Returns what is known of a domain, without querying DNS.
     *
     * @param domain any domain
     * @return the last conclusive report, empty when there is none
     */
    public Optional<DomainReport> report(String domain) {
        DomainState state = domains.getIfPresent(MailAddress.foldDomain(domain));
        return state == null ? Optional.empty() : state.known();
    }

    private DomainState state(String domain) {
        return domains.get(domain, name -> new DomainState(name, rules));
    }

    /** Configures the rule. Each setter fails at once when its value is wrong. */
    public static final class Builder {

        private final List<Function<String, List<Check>>> checks = new ArrayList<>();
        private final List<InetSocketAddress> servers = new ArrayList<>();
        private @Nullable String ownershipLabel;
        private @Nullable String spfInclude;
        private boolean dkim;
        private boolean dmarc;
        private Duration minTtl = Duration.ofMinutes(1);
        private Duration maxTtl = Duration.ofHours(1);
        private Duration maxStale = Duration.ofDays(3);
        private Duration patience = Duration.ofMillis(1500);
        private int maxDomains = 10_000;
        private RelayClock clock = RelayClock.system();

        private Builder() {}

        /**
         * Requires a TXT record with a value chosen by the host, at a name below the domain. Default: not required.
         *
         * @param label for instance {@code _relay-challenge}: the record is at {@code _relay-challenge.example.org}
         * @param value returns the text for a domain, for instance a keyed hash of it, so that only someone who was
         *     given it can publish it; called on any thread, must be quick
         * @return this builder
         * @throws IllegalArgumentException when the label is not valid
         * @throws IllegalStateException when it is already set
         */
        public Builder requireOwnership(String label, Function<String, String> value) {
            if (!label.matches("[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")) {
                throw new IllegalArgumentException("label must be a DNS label, for instance _relay, not " + label);
            }
            once("requireOwnership", ownershipLabel != null);
            ownershipLabel = label;
            Check check = new OwnershipCheck(label, Objects.requireNonNull(value, "value"));
            checks.add(domain -> List.of(check));
            return this;
        }

        /**
         * Requires an SPF record that includes the relay's. Default: not required.
         *
         * @param include the name with the SPF record of the servers that send the relay's mail
         * @return this builder
         * @throws IllegalArgumentException when it is not a domain
         * @throws IllegalStateException when it is already set
         */
        public Builder requireSpf(String include) {
            if (!MailAddress.isDomain(include.replace("_", ""))) { // many stand at a name such as _spf.example.net
                throw new IllegalArgumentException("include must be a domain name, not " + include);
            }
            once("requireSpf", spfInclude != null);
            spfInclude = include;
            Check check = new SpfCheck(MailAddress.foldDomain(include));
            checks.add(domain -> List.of(check));
            return this;
        }

        /**
         * Requires the public keys of the relay's DKIM signatures. Default: not required.
         *
         * @param keys returns the keys of a domain, one or more; called on any thread, must be quick. A domain without
         *     keys has nothing to publish, and is not validated
         * @return this builder
         * @throws IllegalStateException when it is already set
         */
        public Builder requireDkim(Function<String, List<PublishedKey>> keys) {
            Objects.requireNonNull(keys, "keys");
            once("requireDkim", dkim);
            dkim = true;
            checks.add(domain -> {
                List<PublishedKey> published = keys.apply(domain);
                return published.isEmpty()
                        ? List.of(new NoKey())
                        : published.stream().<Check>map(DkimCheck::new).toList();
            });
            return this;
        }

        /**
         * Requires a DMARC record, with any policy, of the domain or one above it. Default: not required.
         *
         * @return this builder
         * @throws IllegalStateException when it is already set
         */
        public Builder requireDmarc() {
            once("requireDmarc", dmarc);
            dmarc = true;
            checks.add(domain -> List.of(new DmarcCheck()));
            return this;
        }

        /**
         * Adds a resolver. Default: the system's resolvers.
         *
         * @param server address and port, usually 53
         * @return this builder
         */
        public Builder resolver(InetSocketAddress server) {
            servers.add(Objects.requireNonNull(server, "server"));
            return this;
        }

        /**
         * Bounds how long an answer is cached, whatever its TTL. A negative answer is cached for the minimum. Default:
         * 1 min to 1 h.
         *
         * @param least positive
         * @param most at least {@code least}, at most 365 days
         * @return this builder
         * @throws IllegalArgumentException when one is out of bounds
         */
        public Builder ttl(Duration least, Duration most) {
            bounded("least", least);
            if (bounded("most", most).compareTo(least) < 0) {
                throw new IllegalArgumentException(
                        "most must not be under least, which is " + least + ", but is " + most);
            }
            minTtl = least;
            maxTtl = most;
            return this;
        }

        /**
         * Sets how long after its TTL a validated domain stays validated while DNS cannot be queried. Default: 3 days.
         *
         * @param time positive, at most 365 days
         * @return this builder
         * @throws IllegalArgumentException when time is out of bounds
         */
        public Builder maxStale(Duration time) {
            maxStale = bounded("maxStale", time);
            return this;
        }

        /**
         * Sets how long a message waits for DNS; should be below the relay's plug-in time-out. Default: 1.5 s.
         *
         * @param time positive, at most 365 days
         * @return this builder
         * @throws IllegalArgumentException when time is out of bounds
         */
        public Builder patience(Duration time) {
            patience = bounded("patience", time);
            return this;
        }

        /**
         * Limits how many domains are cached. Default: 10,000.
         *
         * @param max 1 or more
         * @return this builder
         * @throws IllegalArgumentException when max is under 1
         */
        public Builder maxDomains(int max) {
            if (max < 1) {
                throw new IllegalArgumentException("maxDomains must be 1 or more, not " + max);
            }
            maxDomains = max;
            return this;
        }

        /**
         * Sets the clock, for tests. Default: the machine's.
         *
         * @param newClock a clock
         * @return this builder
         */
        public Builder clock(RelayClock newClock) {
            clock = Objects.requireNonNull(newClock, "clock");
            return this;
        }

        /**
         * Builds the rule. Does not query DNS yet.
         *
         * @return the rule, for the relay's builder
         * @throws IllegalStateException when nothing is required
         */
        public DnsSenderDomains build() {
            if (checks.isEmpty()) {
                throw new IllegalStateException(
                        "nothing is required: call requireOwnership, requireSpf, requireDkim or requireDmarc");
            }
            return new DnsSenderDomains(this);
        }

        private Resolver resolver() {
            ExtendedResolver resolver = servers.isEmpty()
                    ? new ExtendedResolver()
                    : new ExtendedResolver(
                            servers.stream().map(SimpleResolver::new).toArray(Resolver[]::new));
            for (Resolver each : resolver.getResolvers()) {
                each.setTimeout(QUERY_TIMEOUT);
            }
            resolver.setTimeout(RESOLVER_TIMEOUT);
            resolver.setRetries(2);
            return resolver;
        }

        private static void once(String parameter, boolean set) {
            if (set) {
                throw new IllegalStateException(parameter + " is set already");
            }
        }

        private static Duration bounded(String parameter, Duration time) {
            Objects.requireNonNull(time, parameter);
            if (time.isNegative() || time.isZero() || time.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(parameter + " must be positive, and 365 days at most, not " + time);
            }
            return time;
        }
    }
}
