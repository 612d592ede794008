package dev.postern.console;

import dev.postern.management.ManagementPages;
import dev.postern.management.ManagementRequest;
import dev.postern.management.ManagementResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The page, its parts, and what its scripts ask for. */
final class ConsolePages implements ManagementPages {

    static final String JSON = "application/json";

    private static final String ROOT = "/console/";
    private static final String ERRORS = ROOT + "errors/";
    private static final String JAVASCRIPT = "text/javascript; charset=utf-8";
    private static final String CSS = "text/css; charset=utf-8";

    /** The page may do nothing but with what comes from here. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /** By path: where a file is, and its type. */
    private static final Map<String, Asset> ASSETS = Map.ofEntries(
            Map.entry("/", new Asset("index.html", "text/html; charset=utf-8")),
            Map.entry(ROOT + "console.css", new Asset("console.css", CSS)),
            Map.entry(ROOT + "console.js", new Asset("console.js", JAVASCRIPT)),
            Map.entry(ROOT + "dom.js", new Asset("dom.js", JAVASCRIPT)),
            Map.entry(ROOT + "figures.js", new Asset("figures.js", JAVASCRIPT)),
            Map.entry(ROOT + "mails.js", new Asset("mails.js", JAVASCRIPT)),
            Map.entry(ROOT + "server.js", new Asset("server.js", JAVASCRIPT)),
            Map.entry(ROOT + "sessions.js", new Asset("sessions.js", JAVASCRIPT)),
            Map.entry(ROOT + "spool.js", new Asset("spool.js", JAVASCRIPT)),
            Map.entry(ROOT + "suspensions.js", new Asset("suspensions.js", JAVASCRIPT)),
            Map.entry(ROOT + "icon.svg", new Asset("icon.svg", "image/svg+xml")),
            Map.entry(ROOT + "uPlot.js", new Asset("uplot/uPlot.iife.min.js", JAVASCRIPT)),
            Map.entry(ROOT + "uPlot.css", new Asset("uplot/uPlot.min.css", CSS)));

    private final Snapshots snapshots;
    private final @Nullable MailPages mails;

    private record Asset(String file, String type) {}

    ConsolePages(Snapshots snapshots, @Nullable CaughtMails mails) {
        this.snapshots = snapshots;
        this.mails = mails == null ? null : new MailPages(mails);
    }

    @Override
    public Optional<ManagementResponse> open(ManagementRequest request) {
        Asset asset = ASSETS.get(request.path());
        if (asset != null) {
            return Optional.of(isReading(request) ? asset(asset) : notAllowed("GET"));
        }
        if (request.path().startsWith(ERRORS)) {
            return Catalogue.page(request.path().substring(ERRORS.length()))
                    .map(page -> isReading(request) ? text("text/plain; charset=utf-8", page) : notAllowed("GET"));
        }
        return mails == null ? Optional.empty() : mails.open(request);
    }

    @Override
    public Optional<ManagementResponse> guarded(ManagementRequest request) {
        String path = request.path();
        if (path.equals(ROOT + "events") || path.equals(ROOT + "replies")) {
            if (!isReading(request)) {
                return Optional.of(notAllowed("GET"));
            }
            return Optional.of(path.endsWith("events") ? snapshots.current() : text(JSON, Catalogue.rows()));
        }
        return mails == null ? Optional.empty() : mails.guarded(request);
    }

    static boolean isReading(ManagementRequest request) {
        return request.method().equals("GET") || request.method().equals("HEAD");
    }

    static ManagementResponse notAllowed(String allowed) {
        return ManagementResponse.error(405, "the method is not for this endpoint")
                .with("Allow", allowed);
    }

    static ManagementResponse text(String type, String text) {
        return ManagementResponse.of(200, type, text.getBytes(StandardCharsets.UTF_8));
    }

    private static ManagementResponse asset(Asset asset) {
        try (InputStream in = ConsolePages.class.getResourceAsStream(asset.file)) {
            if (in == null) {
                throw new IllegalStateException("the jar has no " + asset.file);
            }
            return ManagementResponse.of(200, asset.type, in.readAllBytes()).with("Content-Security-Policy", POLICY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
