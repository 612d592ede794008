package dev.postern.console;

import com.google.gson.stream.JsonWriter;
import dev.postern.SmtpRelay;
import dev.postern.management.Management;
import dev.postern.management.ManagementAccess;
import dev.postern.management.ManagementRequest;
import dev.postern.management.ManagementResponse;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent.Outcome;
import dev.postern.spi.RelayFigures;
import dev.postern.spi.StandardReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the page shows of a moment, as an event: each is made for all browsers that ask within half a second. Safe for use by
 * several threads; the first of them makes it, and the others wait for that.
 */
final class Snapshots {

    /** Above what a page can show usefully; the endpoint for sessions has more. */
    private static final String SESSIONS = "limit=200";

    private static final long FRESH_NANOS = Duration.ofMillis(500).toNanos();

    private final SmtpRelay relay;
    private final Management endpoints;
    private final Counts counts;
    private final @Nullable CaughtMails mails;
    private final RelayClock clock;
    private @Nullable ManagementResponse last; // guarded by this
    private long lastNanos; // guarded by this

    Snapshots(SmtpRelay relay, Counts counts, @Nullable CaughtMails mails, RelayClock clock) {
        this.relay = relay;
        this.counts = counts;
        this.mails = mails;
        this.clock = clock;
        endpoints = Management.of(relay, ManagementAccess.checkedByApplication());
    }

    synchronized ManagementResponse current() {
        long now = clock.nanoTime();
        if (last == null || now - lastNanos > FRESH_NANOS) {
            last = ConsolePages.text("text/event-stream", "retry: 1000\ndata: " + Json.object(this::write) + "\n\n");
            lastNanos = now;
        }
        return last;
    }

    private void write(JsonWriter json) throws IOException {
        json.name("at").value(clock.now().toEpochMilli());
        json.name("health").jsonValue(answer("/health", ""));
        json.name("sessions").jsonValue(answer("/sessions", SESSIONS));
        figures(json, relay.figures());
        json.name("messages").beginObject();
        for (Outcome outcome : Outcome.values()) {
            json.name(outcome.name().toLowerCase(Locale.ROOT)).value(counts.of(outcome));
        }
        json.endObject();
        json.name("replies").beginObject();
        for (StandardReply row : StandardReply.values()) {
            if (counts.of(row) > 0) {
                json.name(row.name()).value(counts.of(row));
            }
        }
        json.name("UPSTREAM").value(counts.ofUpstreams());
        json.endObject();
        refusals(json);
        history(json, counts.history().seconds());
        if (mails != null) {
            json.name("mails").value(mails.version());
        }
    }

    private String answer(String path, String query) {
        ManagementRequest request = ManagementRequest.of("GET", path, query, name -> null);
        return new String(endpoints.answer(request).body(), StandardCharsets.UTF_8);
    }

    private static void figures(JsonWriter json, RelayFigures figures) throws IOException {
        json.name("connections").value(figures.connections());
        json.name("authenticated").value(figures.authenticated());
        json.name("contentMemory").value(figures.contentMemory());
        json.name("contentMemoryLimit").value(figures.contentMemoryLimit());
        json.name("contentFiles").value(figures.contentFiles());
        json.name("upstreams").beginArray();
        for (RelayFigures.Upstream upstream : figures.upstreams()) {
            json.beginObject();
            json.name("name").value(upstream.name());
            json.name("busy").value(upstream.busy());
            json.name("idle").value(upstream.idle());
            json.name("waiting").value(upstream.waiting());
            json.name("circuitOpen").value(upstream.circuitOpen());
            json.endObject();
        }
        json.endArray();
    }

    /** By second, so that a page that was not there shows what was. */
    private static void history(JsonWriter json, History.Seconds seconds) throws IOException {
        json.name("seconds").beginObject();
        json.name("accepted");
        numbers(json, seconds.accepted());
        json.name("refused");
        numbers(json, seconds.refused());
        json.endObject();
    }

    private static void numbers(JsonWriter json, List<Integer> numbers) throws IOException {
        json.beginArray();
        for (int number : numbers) {
            json.value(number);
        }
        json.endArray();
    }

    private void refusals(JsonWriter json) throws IOException {
        json.name("refused").value(counts.refused());
        json.name("refusals").beginArray();
        for (Counts.Refusal refusal : counts.refusals()) {
            json.beginObject();
            json.name("number").value(refusal.number());
            json.name("at").value(refusal.at().toString());
            json.name("row")
                    .value(refusal.event().reply().standard().map(Enum::name).orElse("UPSTREAM"));
            json.name("reply").value(refusal.event().reply().toString());
            json.name("detail").value(refusal.event().detail());
            json.name("client")
                    .value(refusal.event().client().remote().getAddress().getHostAddress());
            json.name("user")
                    .value(refusal.event().identity().map(Identity::user).orElse(null));
            json.endObject();
        }
        json.endArray();
    }
}
