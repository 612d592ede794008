package dev.postern.management;

import com.google.gson.stream.JsonWriter;
import dev.postern.spool.Spool;
import dev.postern.spool.SpoolFigures;
import dev.postern.spool.SpoolFilter;
import dev.postern.spool.SpooledAccount;
import dev.postern.spool.SpooledMessage;
import dev.postern.spool.Suspension;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What is asked of a relay's spool. Safe for use by several threads. */
final class SpoolEndpoints {

    private static final int DEFAULT_MESSAGES = 100;
    private static final int MAX_MESSAGES = 1000;
    private static final int MAX_COUNTED = 10_000;
    private static final int ACCOUNTS = 10;
    private static final int MAX_NAME = 1000;
    private static final int MAX_SUSPENDED = 255;
    private static final int MAX_SECONDS = 30 * 24 * 3600;
    private static final int PREFIX = "/spool/".length();

    private final Spool spool;

    SpoolEndpoints(Spool spool) {
        this.spool = spool;
    }

    ManagementResponse list(ManagementRequest request) {
        Query query = Query.of(request, "account", "domain", "state", "limit");
        int limit = query.number("limit", DEFAULT_MESSAGES, MAX_MESSAGES);
        SpoolFilter filter = SpoolFilter.all();
        filter = query.text("account", MAX_NAME).map(filter::withAccount).orElse(filter);
        filter = query.text("domain", MAX_NAME).map(filter::withDomain).orElse(filter);
        filter = query.text("state", MAX_NAME)
                .map(SpoolEndpoints::state)
                .map(filter::withState)
                .orElse(filter);
        List<SpooledMessage> oldest = spool.list(filter, limit);
        int matching = spool.count(filter, MAX_COUNTED);
        SpoolFigures figures = spool.figures();
        List<SpooledAccount> accounts = spool.accounts(ACCOUNTS);
        List<Suspension> suspensions = spool.suspensions();
        return Json.of(200, json -> {
            figures(json, figures);
            json.name("accounts").beginArray();
            for (SpooledAccount account : accounts) {
                json.beginObject();
                json.name("account").value(account.account());
                json.name("messages").value(account.messages());
                json.name("octets").value(account.octets());
                json.endObject();
            }
            json.endArray();
            json.name("suspensions").beginArray();
            for (Suspension suspension : suspensions) {
                json.beginObject();
                suspension(json, suspension);
                json.endObject();
            }
            json.endArray();
            json.name("matching").value(matching);
            json.name("messages").beginArray();
            for (SpooledMessage message : oldest) {
                json.beginObject();
                message(json, message);
                json.endObject();
            }
            json.endArray();
        });
    }

    private static SpooledMessage.State state(String text) {
        return Arrays.stream(SpooledMessage.State.values())
                .filter(state -> Json.lower(state).equals(text))
                .findFirst()
                .orElseThrow(() -> new WrongQueryException("state must be ready, unreachable or held"));
    }

    ManagementResponse show(ManagementRequest request) {
        return spool.find(id(request))
                .map(message -> Json.of(200, json -> message(json, message)))
                .orElseGet(SpoolEndpoints::unknown);
    }

    ManagementResponse change(ManagementRequest request) {
        String action = Query.of(request, "action").text("action", MAX_NAME).orElse("");
        String id = id(request);
        boolean done = switch (action) {
            case "hold" -> spool.hold(id);
            case "release" -> spool.release(id);
            case "bounce" -> spool.bounce(id);
            default -> throw new WrongQueryException("action must be hold, release or bounce");
        };
        return answer(id, done);
    }

    ManagementResponse remove(ManagementRequest request) {
        String id = id(request);
        return answer(id, spool.remove(id));
    }

    ManagementResponse suspend(ManagementRequest request) {
        Query query = Query.of(request, "account", "domain", "seconds");
        Duration time = Duration.ofSeconds(query.number("seconds", 0, MAX_SECONDS));
        String name = accountOrDomain(query);
        Suspension suspension = query.text("account", MAX_SUSPENDED).isPresent()
                ? spool.suspendAccount(name, time)
                : spool.suspendDomain(name, time);
        return Json.of(200, json -> suspension(json, suspension));
    }

    ManagementResponse resume(ManagementRequest request) {
        Query query = Query.of(request, "account", "domain");
        String name = accountOrDomain(query);
        boolean account = query.text("account", MAX_SUSPENDED).isPresent();
        if (!(account ? spool.resumeAccount(name) : spool.resumeDomain(name))) {
            return Json.error(404, "there is no such suspension");
        }
        return Json.of(200, json -> json.name(account ? "account" : "domain").value(name));
    }

    private static String accountOrDomain(Query query) {
        Optional<String> account = query.text("account", MAX_SUSPENDED);
        Optional<String> domain = query.text("domain", MAX_SUSPENDED);
        if (account.isPresent() == domain.isPresent()) {
            throw new WrongQueryException("say either account or domain");
        }
        return account.or(() -> domain).orElseThrow();
    }

    private ManagementResponse answer(String id, boolean done) {
        if (done) {
            return Json.of(200, json -> json.name("message").value(id));
        }
        return spool.find(id).isPresent() ? Json.error(409, "the message is being sent: ask again") : unknown();
    }

    private static ManagementResponse unknown() {
        return Json.error(404, "there is no such message");
    }

    private static String id(ManagementRequest request) {
        return request.path().substring(PREFIX);
    }

    private static void figures(JsonWriter json, SpoolFigures figures) throws IOException {
        json.name("waiting").value(figures.waiting());
        json.name("waitingOctets").value(figures.waitingOctets());
        json.name("unreachable").value(figures.unreachable());
        json.name("held").value(figures.held());
        if (figures.oldest().isPresent()) {
            json.name("oldest").value(figures.oldest().get().toString());
        }
        json.name("sending").value(figures.sending());
        json.name("spooled").value(figures.spooled());
        json.name("relayed").value(figures.relayed());
        json.name("deferred").value(figures.deferred());
        json.name("failed").value(figures.failed());
        json.name("possiblyDoubled").value(figures.possiblyDoubled());
    }

    private static void suspension(JsonWriter json, Suspension suspension) throws IOException {
        json.name(Json.lower(suspension.of())).value(suspension.name());
        json.name("until").value(suspension.until().toString());
    }

    private static void message(JsonWriter json, SpooledMessage message) throws IOException {
        json.name("id").value(message.id());
        json.name("submission").value(message.submissionId());
        json.name("user").value(message.identity().user());
        json.name("account").value(message.identity().account());
        json.name("sender").value(message.reversePath().toString());
        json.name("octets").value(message.size());
        json.name("state").value(Json.lower(message.state()));
        json.name("sending").value(message.sending());
        json.name("attempts").value(message.attempts());
        json.name("doubled").value(message.doubled());
        json.name("received").value(message.received().toString());
        json.name("due").value(message.due().toString());
        json.name("recipients").beginArray();
        for (SpooledMessage.Progress progress : message.recipients()) {
            json.beginObject();
            json.name("address").value(progress.recipient().address().toString());
            json.name("status").value(Json.lower(progress.status()));
            json.name("reply").value(progress.reply());
            json.endObject();
        }
        json.endArray();
    }
}
