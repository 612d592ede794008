package dev.postern.console;

import com.google.gson.stream.JsonWriter;
import dev.postern.management.ManagementRequest;
import dev.postern.management.ManagementResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a browser asks of the mails. Lists and texts are JSON, for whoever may use the endpoints. A frame and a download are
 * links, which carry no token: they carry the mail's key, which the JSON has.
 */
final class MailPages {

    private static final String MAILS = "/console/mails";
    private static final Pattern MAIL =
            Pattern.compile(MAILS + "/([0-9]{1,18})(?:/(source|html|raw|part/([0-9]{1,6})))?");
    private static final int LISTED = 200;
    private static final int MAX_SEARCH = 200;
    private static final int MAX_NAME = 100;

    /** Not even styles of another place, and pictures that it has itself; whatever a browser makes of it, it is of no origin. */
    private static final String FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
            + " base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

    private final CaughtMails mails;

    MailPages(CaughtMails mails) {
        this.mails = mails;
    }

    /** By the mail's key. */
    Optional<ManagementResponse> open(ManagementRequest request) {
        Matcher path = MAIL.matcher(request.path());
        if (!path.matches() || path.group(2) == null || path.group(2).equals("source")) {
            return Optional.empty();
        }
        if (!ConsolePages.isReading(request)) {
            return Optional.of(ConsolePages.notAllowed("GET"));
        }
        String key = request.parameters("key").getOrDefault("key", "");
        return Optional.of(mails.find(Long.parseLong(path.group(1)))
                .filter(mail -> mail.isOpenedBy(key))
                .flatMap(mail -> linked(mail, path))
                .orElseGet(MailPages::noSuchMail));
    }

    private static Optional<ManagementResponse> linked(CaughtMail mail, Matcher path) {
        return switch (path.group(2)) {
            case "html" -> MailReader.html(mail.content()).map(MailPages::frame);
            case "raw" -> Optional.of(download(mail.content(), "mail-" + mail.number() + ".eml"));
            default -> attachment(mail, Integer.parseInt(path.group(3)));
        };
    }

    private static ManagementResponse frame(MailReader.Html html) {
        return ConsolePages.text("text/html; charset=utf-8", MailHtml.document(html))
                .with("Content-Security-Policy", FRAME_POLICY);
    }

    private static Optional<ManagementResponse> attachment(CaughtMail mail, int number) {
        return MailReader.read(mail.content()).attachments().stream()
                .filter(each -> each.number() == number)
                .findFirst()
                .flatMap(each -> MailReader.attachment(mail.content(), number)
                        .map(octets -> download(octets, safeName(each.name(), number))));
    }

    /** Never shown by the browser, whatever it is. */
    private static ManagementResponse download(byte[] octets, String name) {
        return ManagementResponse.of(200, "application/octet-stream", octets)
                .with("Content-Disposition", "attachment; filename=\"" + name + "\"")
                .with("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'");
    }

    /** A name that every system takes for a file in one folder: no path, no device, nothing hidden. */
    static String safeName(String name, int number) {
        String last = name.replaceAll(".*[/\\\\:]", "").replaceAll("[^A-Za-z0-9._-]+", "_");
        String end = last.substring(Math.max(0, last.length() - MAX_NAME));
        String visible = end.replaceAll("^[._-]+|[._]+$", "");
        return "part-" + number + (visible.isEmpty() ? "" : "-" + visible);
    }

    Optional<ManagementResponse> guarded(ManagementRequest request) {
        if (request.path().equals(MAILS)) {
            return Optional.of(all(request));
        }
        Matcher path = MAIL.matcher(request.path());
        if (!path.matches()) {
            return Optional.empty();
        }
        if (!ConsolePages.isReading(request)) {
            return Optional.of(ConsolePages.notAllowed("GET"));
        }
        Function<CaughtMail, ManagementResponse> answer = path.group(2) == null ? MailPages::mail : MailPages::source;
        return Optional.of(mails.find(Long.parseLong(path.group(1))).map(answer).orElseGet(MailPages::noSuchMail));
    }

    private static ManagementResponse noSuchMail() {
        return ManagementResponse.error(404, "there is no such mail");
    }

    private ManagementResponse all(ManagementRequest request) {
        if (request.method().equals("DELETE")) {
            mails.clear();
            return ConsolePages.text(ConsolePages.JSON, "{}");
        }
        if (!ConsolePages.isReading(request)) {
            return ConsolePages.notAllowed("GET, DELETE");
        }
        Map<String, String> parameters = request.parameters("search");
        String search = parameters.getOrDefault("search", "");
        if (search.length() > MAX_SEARCH) {
            return ManagementResponse.error(400, "search must have " + MAX_SEARCH + " characters at most");
        }
        List<String> words = List.of(search.toLowerCase(Locale.ROOT).strip().split("\\s+"));
        CaughtMails.Listing listing = mails.list();
        List<CaughtMail> found =
                listing.mails().stream().filter(mail -> mail.has(words)).toList();
        return ConsolePages.text(ConsolePages.JSON, Json.object(json -> {
            json.name("version").value(listing.version());
            json.name("kept").value(listing.mails().size());
            json.name("dropped").value(listing.dropped());
            json.name("found").value(found.size());
            json.name("mails").beginArray();
            for (CaughtMail mail : found.subList(0, Math.min(LISTED, found.size()))) {
                json.beginObject();
                head(json, mail);
                json.endObject();
            }
            json.endArray();
        }));
    }

    private static void head(JsonWriter json, CaughtMail mail) throws IOException {
        MailReader.Summary summary = mail.summary();
        json.name("number").value(mail.number());
        json.name("received").value(mail.received().toString());
        json.name("subject").value(summary.subject());
        json.name("from").value(summary.from());
        json.name("to").value(summary.to());
        json.name("attachments").value(summary.attachments());
        json.name("octets").value(mail.content().length);
    }

    private static ManagementResponse mail(CaughtMail caught) {
        MailReader.Mail mail = MailReader.read(caught.content());
        return ConsolePages.text(ConsolePages.JSON, Json.object(json -> {
            head(json, caught);
            json.name("key").value(caught.key());
            json.name("id").value(caught.id());
            json.name("user").value(caught.user());
            json.name("sender").value(caught.sender());
            json.name("recipients").beginArray();
            for (String recipient : caught.recipients()) {
                json.value(recipient);
            }
            json.endArray();
            json.name("headers").beginArray();
            for (MailReader.HeaderField field : mail.fields()) {
                json.beginArray().value(field.name()).value(field.value()).endArray();
            }
            json.endArray();
            json.name("text").value(mail.text().orElse(null));
            json.name("html").value(mail.html().isPresent());
            json.name("isCut").value(mail.isCut());
            json.name("parts").beginArray();
            for (MailReader.Attachment part : mail.attachments()) {
                json.beginObject();
                json.name("number").value(part.number());
                json.name("name").value(part.name());
                json.name("type").value(part.type());
                json.name("size").value(part.size());
                json.endObject();
            }
            json.endArray();
        }));
    }

    private static ManagementResponse source(CaughtMail mail) {
        int length = Math.min(mail.content().length, MailReader.MAX_TEXT);
        return ManagementResponse.of(
                200,
                "text/plain; charset=utf-8",
                new String(mail.content(), 0, length, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
    }
}
