package dev.postern.spi;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Sends each message by the route that a rule picks. */
final class RoutedDelivery implements UpstreamDelivery {

    private final BiFunction<Identity, Envelope, UpstreamDelivery> rule;
    private final List<UpstreamDelivery> all;

    private RoutedDelivery(
            BiFunction<Identity, Envelope, UpstreamDelivery> rule,
            Collection<? extends UpstreamDelivery> routes,
            UpstreamDelivery otherwise) {
        this.rule = rule;
        this.all = new ArrayList<>(routes);
        all.add(Objects.requireNonNull(otherwise, "otherwise"));
    }

    static UpstreamDelivery byKey(
            Function<Identity, String> key,
            Map<String, ? extends UpstreamDelivery> routes,
            UpstreamDelivery otherwise) {
        Objects.requireNonNull(key, "key");
        Map<String, UpstreamDelivery> copy = Map.copyOf(Objects.requireNonNull(routes, "routes"));
        return new RoutedDelivery(
                (identity, envelope) -> copy.getOrDefault(key.apply(identity), otherwise), copy.values(), otherwise);
    }

    static UpstreamDelivery bySenderDomain(Map<String, ? extends UpstreamDelivery> routes, UpstreamDelivery otherwise) {
        DomainRoutes domains = new DomainRoutes(Objects.requireNonNull(routes, "routes"), otherwise);
        return new RoutedDelivery(
                (identity, envelope) -> envelope.reversePath()
                        .address()
                        .map(address -> domains.routeOf(address.domain()))
                        .orElse(otherwise),
                routes.values(),
                otherwise);
    }

    static UpstreamDelivery byRecipientDomain(
            Map<String, ? extends UpstreamDelivery> routes, UpstreamDelivery otherwise) {
        DomainRoutes domains = new DomainRoutes(Objects.requireNonNull(routes, "routes"), otherwise);
        return new RoutedDelivery(
                (identity, envelope) -> {
                    List<UpstreamDelivery> wanted = envelope.recipients().stream()
                            .map(recipient ->
                                    domains.routeOf(recipient.address().domain()))
                            .distinct()
                            .toList();
                    return wanted.size() == 1 ? wanted.get(0) : otherwise;
                },
                routes.values(),
                otherwise);
    }

    @Override
    public DeliveryResult deliver(Submission submission) {
        return rule.apply(submission.identity(), submission.envelope()).deliver(submission);
    }

    /** The fewest of all routes: the message's route is not yet known. */
    @Override
    public int maxRecipients() {
        return Deliveries.maxRecipients(all);
    }

    @Override
    public int maxRecipients(Identity identity, Envelope envelope) {
        return rule.apply(identity, envelope).maxRecipients(identity, envelope);
    }

    @Override
    public Optional<String> trouble() {
        return Deliveries.trouble(all);
    }

    @Override
    public void close() {
        Deliveries.close(all);
    }

    @Override
    public String toString() {
        return all.toString();
    }
}
