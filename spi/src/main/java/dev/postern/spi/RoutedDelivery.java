package dev.postern.spi;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Takes each message where a rule says. */
final class RoutedDelivery implements UpstreamDelivery {

    private final Function<Submission, UpstreamDelivery> rule;
    private final List<UpstreamDelivery> all;

    private RoutedDelivery(
            Function<Submission, UpstreamDelivery> rule,
            Collection<? extends UpstreamDelivery> routes,
            UpstreamDelivery otherwise) {
        this.rule = rule;
        this.all = new ArrayList<>(routes);
        all.add(otherwise);
    }

    static UpstreamDelivery byKey(
            Function<Submission, String> key,
            Map<String, ? extends UpstreamDelivery> routes,
            UpstreamDelivery otherwise) {
        Map<String, UpstreamDelivery> copy = Map.copyOf(routes);
        return new RoutedDelivery(
                submission -> copy.getOrDefault(key.apply(submission), otherwise), copy.values(), otherwise);
    }

    static UpstreamDelivery bySenderDomain(Map<String, ? extends UpstreamDelivery> routes, UpstreamDelivery otherwise) {
        DomainRoutes domains = new DomainRoutes(routes, otherwise);
        return new RoutedDelivery(
                submission -> submission
                        .envelope()
                        .reversePath()
                        .address()
                        .map(address -> domains.routeOf(address.domain()))
                        .orElse(otherwise),
                routes.values(),
                otherwise);
    }

    static UpstreamDelivery byRecipientDomain(
            Map<String, ? extends UpstreamDelivery> routes, UpstreamDelivery otherwise) {
        DomainRoutes domains = new DomainRoutes(routes, otherwise);
        return new RoutedDelivery(
                submission -> {
                    List<UpstreamDelivery> wanted = submission.envelope().recipients().stream()
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
        return rule.apply(submission).deliver(submission);
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
