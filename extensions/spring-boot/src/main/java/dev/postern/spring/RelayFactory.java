package dev.postern.spring;

import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.MessageRules;
import dev.postern.settings.Policies;
import dev.postern.settings.Stores;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.ClientCertificates;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.MessageSigner;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.springframework.beans.factory.BeanFactory;

/** Starts relays of what properties and beans say. A bean takes the place of properties that say the same. */
final class RelayFactory {

    private final PosternProperties properties;
    private final SslContexts contexts;
    private final BeanFactory beans;

    RelayFactory(PosternProperties properties, SslContexts contexts, BeanFactory beans) {
        this.properties = properties;
        this.contexts = contexts;
        this.beans = beans;
    }

    /**
     * Starts a relay.
     *
     * @param had where it was listening when it ran before; none at the first time
     */
    SmtpRelay start(List<InetSocketAddress> had) {
        SmtpRelayBuilder relay = SmtpRelay.builder();
        RelayListener listener = RelayListener.all(
                beans.getBeanProvider(RelayListener.class).orderedStream().toArray(RelayListener[]::new));
        UnaryOperator<UpstreamDelivery> spooled = spooled(listener);
        listen(relay, had);
        if (properties.hostName() != null) {
            relay.hostName(properties.hostName());
        }
        relay.productName(properties.productName())
                .proxyProtocol(properties.proxyProtocol().toArray(String[]::new))
                .auth(auth())
                .sessions(properties.sessions().settings(Faults.none()))
                .times(properties.times().settings(Faults.none()))
                .messages(messages())
                .storage(properties.storage().settings(Faults.none()))
                .quota(properties.quota().plan(Faults.none()))
                .stores(stores())
                .policies(policies())
                .listener(listener);
        bean(RelayClock.class).ifPresent(relay::clock);
        tls(relay);
        upstream(relay, spooled);
        beans.getBeanProvider(PosternCustomizer.class).orderedStream().forEach(one -> one.customize(relay));
        bean(Surroundings.class).ifPresent(test -> test.surround(relay, properties, spooled));
        try {
            return relay.start();
        } catch (IllegalStateException e) {
            throw new RelaySetupException(String.valueOf(e.getMessage()), advice(), e);
        }
    }

    private <T> Optional<T> bean(Class<T> type) {
        return Optional.ofNullable(beans.getBeanProvider(type).getIfAvailable());
    }

    private <S, T> S with(S settings, Class<T> type, BiFunction<S, T, S> setter) {
        return bean(type).map(one -> setter.apply(settings, one)).orElse(settings);
    }

    private void listen(SmtpRelayBuilder relay, List<InetSocketAddress> had) {
        List<Integer> ports =
                new ArrayList<>(had.stream().map(InetSocketAddress::getPort).toList());
        Integer clear = properties.clearPort();
        if (clear != null) {
            relay.listen(properties.host(), ports.isEmpty() ? clear : ports.remove(0));
        }
        Integer tls = properties.tlsPort();
        if (tls != null) {
            relay.listenTls(properties.host(), ports.isEmpty() ? tls : ports.remove(0));
        }
    }

    private AuthSettings auth() {
        return new Logins(properties.auth(), beans, clock()).settings();
    }

    private RelayClock clock() {
        return bean(Surroundings.class)
                .map(Surroundings::clock)
                .or(() -> bean(RelayClock.class))
                .orElseGet(RelayClock::system);
    }

    /** Opens the spool in front of a delivery, where there is one. */
    private UnaryOperator<UpstreamDelivery> spooled(RelayListener listener) {
        MessageSigner signer = bean(MessageSigner.class).orElse(null);
        SpoolInFront.Context context = new SpoolInFront.Context(listener, clock(), signer);
        return bean(SpoolInFront.class)
                .<UnaryOperator<UpstreamDelivery>>map(spool -> next -> spool.before(next, context))
                .orElse(UnaryOperator.identity());
    }

    private MessageRules messages() {
        return with(properties.messages().settings(Faults.none()), MessageSigner.class, MessageRules::withSigner);
    }

    private Stores stores() {
        Stores stores = Stores.defaults().onFailure(properties.stores().onFailure());
        stores = with(stores, QuotaStore.class, Stores::withQuota);
        stores = with(stores, SessionRegistry.class, Stores::withSessions);
        return with(stores, LoginThrottle.class, Stores::withLogins);
    }

    private Policies policies() {
        Policies policies = with(Policies.defaults(), SenderDomains.class, Policies::withSenderDomains);
        policies = with(policies, SessionPolicy.class, Policies::withSession);
        Optional<EnvelopePolicy> capacity = bean(SpoolInFront.class).map(SpoolInFront::capacity);
        Optional<EnvelopePolicy> own = bean(EnvelopePolicy.class);
        Optional<EnvelopePolicy> both =
                own.map(one -> capacity.map(one::and).orElse(one)).or(() -> capacity);
        policies = both.map(policies::withEnvelope).orElse(policies);
        return with(policies, ContentPolicy.class, Policies::withContent);
    }

    private void tls(SmtpRelayBuilder relay) {
        String bundle = properties.ssl().bundle();
        if (bundle != null) {
            relay.tls(TlsSettings.of(contexts.of(bundle))
                    .withClientCertificates(properties.ssl().clientCertificates()));
        }
    }

    private void upstream(SmtpRelayBuilder relay, UnaryOperator<UpstreamDelivery> spooled) {
        Optional<UpstreamDelivery> delivery = bean(UpstreamDelivery.class);
        List<Upstream> upstreams = upstreams();
        if (delivery.isPresent()) {
            relay.upstreams(connect -> spooled.apply(new SpringsOwn(delivery.get())));
        } else if (!upstreams.isEmpty()) {
            relay.upstreams(connect -> spooled.apply(
                    UpstreamDelivery.inOrder(upstreams.stream().map(connect::to).toList())));
        }
        if (properties.verifyUpstreams()) {
            relay.verifyUpstreamsAtStart();
        }
    }

    private List<Upstream> upstreams() {
        List<Upstream> own =
                beans.getBeanProvider(Upstream.class).orderedStream().toList();
        return own.isEmpty()
                ? properties.allUpstreams().stream().map(this::upstream).toList()
                : own;
    }

    private Upstream upstream(UpstreamProperties told) {
        Upstream upstream = Objects.requireNonNull(told.settings(Faults.none()), "told");
        String bundle = told.ssl().bundle();
        return bundle == null ? upstream : upstream.tls(contexts.current(bundle));
    }

    /** What the properties leave out; what beans and customizers leave out the relay has said. */
    private String advice() {
        List<String> lines = new ArrayList<>();
        AuthSettings auth = auth();
        if (!auth.logins() && auth.trusted().isEmpty()) {
            lines.add("To say who may send, define a bean of type Authenticator, TokenAuthenticator, ScramDirectory or"
                    + " CertificateAuthenticator, or set one of postern.auth.users, postern.auth.trusted and"
                    + " postern.auth.spring-security.enabled.");
        }
        if (auth.certificates().isPresent() && properties.ssl().clientCertificates() == ClientCertificates.NONE) {
            lines.add("To ask clients for certificates, set postern.ssl.client-certificates=wanted; the bundle that"
                    + " postern.ssl.bundle names needs a trust store.");
        }
        if (properties.ssl().bundle() == null && !properties.auth().plaintext()) {
            lines.add("For TLS, set postern.ssl.bundle to the name of a bundle below spring.ssl.bundle; or set"
                    + " postern.auth.plaintext=true where nobody can listen on the network, as on this machine alone.");
        }
        if (bean(UpstreamDelivery.class).isEmpty() && upstreams().isEmpty()) {
            lines.add("To say where messages go, set postern.upstream.uri or postern.upstream.host, or define a bean of"
                    + " type UpstreamDelivery or Upstream.");
        }
        lines.add("postern.enabled=false leaves the relay out.");
        return String.join("\n", lines);
    }

    /** Spring ends what it has begun: the relay may be started again with it. */
    private record SpringsOwn(UpstreamDelivery delivery) implements UpstreamDelivery {
        @Override
        public DeliveryResult deliver(Submission submission) {
            return delivery.deliver(submission);
        }

        @Override
        public int maxRecipients() {
            return delivery.maxRecipients();
        }

        @Override
        public int maxRecipients(Identity identity, Envelope envelope) {
            return delivery.maxRecipients(identity, envelope);
        }

        @Override
        public Optional<String> trouble() {
            return delivery.trouble();
        }
    }
}
