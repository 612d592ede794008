package dev.postern.spi;

import java.util.HashMap;
import java.util.Map;

/** Finds a domain's route: its own, else the wildcard route of the nearest domain above it. */
final class DomainRoutes {

    private static final String BELOW = "*.";

    private final Map<String, UpstreamDelivery> routes = new HashMap<>();
    private final UpstreamDelivery otherwise;

    DomainRoutes(Map<String, ? extends UpstreamDelivery> routes, UpstreamDelivery otherwise) {
        this.otherwise = otherwise;
        routes.forEach((pattern, delivery) -> {
            if (this.routes.put(folded(pattern), delivery) != null) {
                throw new IllegalArgumentException("routes has " + folded(pattern) + " twice");
            }
        });
    }

    UpstreamDelivery routeOf(String domain) {
        String name = MailAddress.foldDomain(domain);
        UpstreamDelivery route = routes.get(name);
        for (int dot = name.indexOf('.'); route == null && dot >= 0; dot = name.indexOf('.', dot + 1)) {
            route = routes.get("*" + name.substring(dot));
        }
        return route == null ? otherwise : route;
    }

    private static String folded(String pattern) {
        boolean below = pattern.startsWith(BELOW);
        String domain = below ? pattern.substring(BELOW.length()) : pattern;
        if (!MailAddress.isDomain(domain) && (below || !MailAddress.isAddressLiteral(domain))) {
            throw new IllegalArgumentException(
                    "routes must have domains, such as example.org or *.example.org, and not "
                            + Reply.printable(pattern, 80));
        }
        return (below ? BELOW : "") + MailAddress.foldDomain(domain);
    }
}
