package dev.postern.management;

import com.google.gson.stream.JsonWriter;
import dev.postern.RelayHealth;
import dev.postern.SmtpRelay;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.SessionInfo;
import dev.postern.spi.TlsInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Writes answers as JSON objects. */
final class Json {

    private static final String TYPE = "application/json";

    /** Writes the members of an object. */
    @FunctionalInterface
    interface Members {
        void write(JsonWriter json) throws IOException;
    }

    private Json() {}

    static ManagementResponse of(int status, Members members) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (JsonWriter json = new JsonWriter(new OutputStreamWriter(text, StandardCharsets.UTF_8))) {
            json.beginObject();
            members.write(json);
            json.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException("memory can be written", e);
        }
        return ManagementResponse.own(status, TYPE, text.toByteArray());
    }

    static ManagementResponse error(int status, String says) {
        return of(status, json -> json.name("error").value(says));
    }

    static void health(JsonWriter json, SmtpRelay relay, RelayHealth health, boolean reasons) throws IOException {
        json.name("status").value(lower(health.status()));
        if (!reasons) {
            return;
        }
        json.name("state").value(lower(relay.state()));
        json.name("connections").value(relay.connections());
        json.name("reasons").beginArray();
        for (RelayHealth.Reason reason : health.reasons()) {
            json.beginObject();
            json.name("cause").value(lower(reason.cause()));
            json.name("detail").value(reason.detail());
            json.endObject();
        }
        json.endArray();
    }

    static void sessions(JsonWriter json, int all, List<SessionInfo> sessions) throws IOException {
        json.name("count").value(all);
        json.name("sessions").beginArray();
        for (SessionInfo session : sessions) {
            json.beginObject();
            session(json, session);
            json.endObject();
        }
        json.endArray();
    }

    private static void session(JsonWriter json, SessionInfo session) throws IOException {
        json.name("id").value(session.id());
        json.name("address").value(session.client().remote().getAddress().getHostAddress());
        json.name("port").value(session.client().remote().getPort());
        json.name("helo").value(session.client().helo());
        if (session.client().tls().isPresent()) {
            TlsInfo tls = session.client().tls().get();
            json.name("tls").value(tls.protocol() + " " + tls.cipherSuite());
        }
        if (session.identity().isPresent()) {
            Identity identity = session.identity().get();
            json.name("user").value(identity.user());
            json.name("account").value(identity.account());
        }
        json.name("since").value(session.since().toString());
        if (session.lastCommand().isPresent()) {
            json.name("lastCommand").value(session.lastCommand().get().toString());
        }
        json.name("phase").value(lower(session.phase()));
        json.name("messages").value(session.messages());
        json.name("octetsIn").value(session.octetsIn());
    }

    static void quota(JsonWriter json, String account, QuotaUsage usage) throws IOException {
        json.name("account").value(account);
        json.name("used").value(usage.used());
        json.name("reserved").value(usage.reserved());
        json.name("limit").value(usage.limit());
        json.name("periodEnd").value(usage.periodEnd().toString());
    }

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
