package dev.postern.management;

import dev.postern.RelayHealth;
import dev.postern.RelayHealth.Status;
import dev.postern.RevokeResult;
import dev.postern.SmtpRelay;
import dev.postern.spi.Reply;
import dev.postern.spi.SessionInfo;
import dev.postern.spool.Spool;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A relay's HTTP endpoints, without a server: use {@link ManagementServer}, or pass requests from an application's own
 * server. {@code openapi.yaml} beside this class describes them. Changes are logged. Immutable and thread-safe;
 * answering waits for the relay, for a few seconds at most.
 */
public final class Management {

    private static final Logger LOG = LoggerFactory.getLogger(Management.class);

    private static final int DEFAULT_SESSIONS = 1000;
    private static final int MAX_SESSIONS = 10_000;
    private static final int MAX_METRICS = 16 << 20;
    private static final int MAX_NAME = 1000;
    private static final int MAX_REASON = 200;
    private static final String SESSION = "/sessions/";
    private static final String SPOOLED = "/spool/";
    private static final String SUSPENSIONS = SPOOLED + "suspensions"; // which is no message's id
    private static final List<String> LISTS = List.of("/sessions", "/spool");
    private static final String ID = "{id}";
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final SmtpRelay relay;
    private final ManagementAccess access;
    private final @Nullable Supplier<String> metrics;
    private final @Nullable ManagementPages pages;
    private final @Nullable SpoolEndpoints spool;
    private final Map<String, Map<String, Function<ManagementRequest, ManagementResponse>>> endpoints;

    private Management(
            SmtpRelay relay,
            ManagementAccess access,
            @Nullable Supplier<String> metrics,
            @Nullable ManagementPages pages,
            @Nullable SpoolEndpoints spool) {
        this.relay = relay;
        this.access = access;
        this.metrics = metrics;
        this.pages = pages;
        this.spool = spool;
        endpoints = Map.ofEntries(
                Map.entry("/health", Map.of("GET", request -> health())),
                Map.entry("/metrics", Map.of("GET", request -> metrics())),
                Map.entry("/sessions", Map.of("GET", this::sessions)),
                Map.entry(SESSION + ID, Map.of("DELETE", this::disconnect)),
                Map.entry("/revoke", Map.of("POST", this::revoke)),
                Map.entry("/quota", Map.of("GET", this::quota)),
                Map.entry("/pause", Map.of("POST", this::pause)),
                Map.entry("/resume", Map.of("POST", request -> resume())),
                Map.entry("/spool", Map.of("GET", request -> spool(request, SpoolEndpoints::list))),
                Map.entry(
                        SUSPENSIONS,
                        Map.of(
                                "POST",
                                request -> spool(request, SpoolEndpoints::suspend),
                                "DELETE",
                                request -> spool(request, SpoolEndpoints::resume))),
                Map.entry(
                        SPOOLED + ID,
                        Map.of(
                                "GET",
                                request -> spool(request, SpoolEndpoints::show),
                                "POST",
                                request -> spool(request, SpoolEndpoints::change),
                                "DELETE",
                                request -> spool(request, SpoolEndpoints::remove))));
    }

    /**
     * Creates a relay's endpoints.
     *
     * @param relay the relay, which the caller still closes
     * @param access who may use the endpoints
     * @return the endpoints, without metrics
     */
    public static Management of(SmtpRelay relay, ManagementAccess access) {
        return new Management(
                Objects.requireNonNull(relay, "relay"), Objects.requireNonNull(access, "access"), null, null, null);
    }

    /**
     * Adds {@code GET /metrics}. Default: no such endpoint.
     *
     * @param prometheus returns the metrics in Prometheus' text format, at most 16 MiB; called on the request's thread,
     *     concurrently
     * @return a copy
     */
    public Management withMetrics(Supplier<String> prometheus) {
        return new Management(relay, access, Objects.requireNonNull(prometheus, "prometheus"), pages, spool);
    }

    /**
     * Adds pages at paths other than its own. Default: none.
     *
     * @param further asked for each unknown path
     * @return a copy
     */
    public Management withPages(ManagementPages further) {
        return new Management(relay, access, metrics, Objects.requireNonNull(further, "further"), spool);
    }

    /**
     * Adds {@code /spool}, to inspect and control the spooled messages. Default: no such endpoint.
     *
     * @param newSpool the relay's spool, which the caller still closes
     * @return a copy
     */
    public Management withSpool(Spool newSpool) {
        return new Management(
                relay, access, metrics, pages, new SpoolEndpoints(Objects.requireNonNull(newSpool, "spool")));
    }

    ManagementAccess access() {
        return access;
    }

    /** The methods of each path. */
    Map<String, List<String>> methods() {
        Map<String, List<String>> methods = new TreeMap<>();
        endpoints.forEach((path, byMethod) ->
                methods.put(path, byMethod.keySet().stream().sorted().toList()));
        return methods;
    }

    /**
     * Answers a request.
     *
     * @param request the request
     * @return the response, also for unknown or forbidden requests; never throws
     */
    public ManagementResponse answer(ManagementRequest request) {
        try {
            return switch (access.of(request)) {
                case ALL -> dispatch(request);
                case STATUS -> status(relay.health(), false);
                case NOTHING -> open(request).orElseGet(Management::askForToken);
                case FOREIGN -> Json.error(403, "the request was made for or by another site");
            };
        } catch (WrongQueryException e) {
            return Json.error(400, String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) { // an Error too: no one else answers, and the connection would stay open
            LOG.error("{} failed", Reply.printable(request.toString(), MAX_REASON), e);
            return Json.error(500, "the log says why");
        }
    }

    /** Whether the response may take megabytes: lists, and pages, which may show a message. */
    boolean mayBeLarge(ManagementRequest request) {
        return LISTS.contains(request.path()) || !endpoints.containsKey(pattern(request.path()));
    }

    private Optional<ManagementResponse> open(ManagementRequest request) {
        return pages == null ? Optional.empty() : pages.open(request);
    }

    private static ManagementResponse askForToken() {
        return Json.error(401, "show the token: Authorization: Bearer TOKEN").with("WWW-Authenticate", "Bearer");
    }

    private ManagementResponse page(ManagementRequest request) {
        return open(request)
                .or(() -> pages == null ? Optional.empty() : pages.guarded(request))
                .orElseGet(() -> Json.error(404, "there is no such endpoint"));
    }

    private ManagementResponse dispatch(ManagementRequest request) {
        var byMethod = endpoints.get(pattern(request.path()));
        if (byMethod == null) {
            return page(request);
        }
        // HEAD is GET without the body, which its server leaves out (RFC 9110 section 9.3.2)
        String method = request.method().equals("HEAD") ? "GET" : request.method();
        var endpoint = byMethod.get(method);
        if (endpoint == null) {
            return Json.error(405, "the method is not for this endpoint")
                    .with("Allow", String.join(", ", new TreeSet<>(byMethod.keySet())));
        }
        return endpoint.apply(request);
    }

    private static String pattern(String path) {
        for (String parent : List.of(SESSION, SPOOLED)) {
            if (path.startsWith(parent) && path.length() > parent.length() && !path.equals(SUSPENSIONS)) {
                return parent + ID;
            }
        }
        return path;
    }

    private ManagementResponse spool(
            ManagementRequest request, BiFunction<SpoolEndpoints, ManagementRequest, ManagementResponse> endpoint) {
        return spool == null ? Json.error(404, "there is no spool") : endpoint.apply(spool, request);
    }

    private ManagementResponse health() {
        return status(relay.health(), true);
    }

    private ManagementResponse status(RelayHealth health, boolean reasons) {
        boolean serves = health.status() == Status.UP || health.status() == Status.DEGRADED;
        return Json.of(serves ? 200 : 503, json -> Json.health(json, relay, health, reasons));
    }

    private ManagementResponse metrics() {
        if (metrics == null) {
            return Json.error(404, "there are no metrics");
        }
        String text = metrics.get();
        return text.length() > MAX_METRICS
                ? Json.error(500, "there are more than 16 MiB of metrics")
                : ManagementResponse.of(200, METRICS_TYPE, text);
    }

    private ManagementResponse sessions(ManagementRequest request) {
        Query query = Query.of(request, "limit");
        int limit = query.number("limit", DEFAULT_SESSIONS, MAX_SESSIONS);
        List<SessionInfo> all = relay.sessions();
        List<SessionInfo> oldest = all.stream()
                .sorted(Comparator.comparing(SessionInfo::since).thenComparing(SessionInfo::id))
                .limit(limit)
                .toList();
        return Json.of(200, json -> Json.sessions(json, all.size(), oldest));
    }

    private ManagementResponse disconnect(ManagementRequest request) {
        Query query = Query.of(request, "now");
        boolean now = query.flag("now");
        String id = request.path().substring(SESSION.length());
        boolean found = now ? relay.disconnectNow(id) : relay.disconnect(id);
        if (!found) {
            return Json.error(404, "there is no such session");
        }
        return Json.of(202, json -> json.name("session").value(id));
    }

    private ManagementResponse revoke(ManagementRequest request) {
        Query query = Query.of(request, "user", "account");
        Optional<String> user = query.text("user", MAX_NAME);
        Optional<String> account = query.text("account", MAX_NAME);
        if (user.isPresent() == account.isPresent()) {
            return Json.error(400, "say either user or account");
        }
        RevokeResult result = user.isPresent() ? relay.revoke(user.get()) : relay.revokeAccount(account.orElseThrow());
        return Json.of(
                200,
                json -> json.name("sessions")
                        .value(result.sessions())
                        .name("everywhere")
                        .value(result.everywhere()));
    }

    private ManagementResponse quota(ManagementRequest request) {
        String account = Query.of(request, "account")
                .text("account", MAX_NAME)
                .orElseThrow(() -> new WrongQueryException("say which account"));
        return relay.usage(account)
                .map(usage -> Json.of(200, json -> Json.quota(json, account, usage)))
                .orElseGet(() -> Json.error(503, "the quota store does not answer"));
    }

    private ManagementResponse pause(ManagementRequest request) {
        Query query = Query.of(request, "reason");
        relay.pause(Reply.printable(query.text("reason", MAX_REASON).orElse("management"), MAX_REASON));
        return done();
    }

    private ManagementResponse resume() {
        relay.resume();
        return done();
    }

    /** Reports success, whatever the health is afterwards. */
    private ManagementResponse done() {
        RelayHealth health = relay.health();
        return Json.of(200, json -> Json.health(json, relay, health, true));
    }
}
