package dev.postern.console;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Index;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page's parts and figures, asked by HTTP without a browser. */
class ConsoleTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String BEARER = "Bearer " + Scene.TOKEN;
    private static final String ATTACHED = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\n\r\nHello Bob\r\n"
            + "--b\r\nContent-Type: text/html\r\n\r\n<p onclick=\"alert(1)\">Hello <b>Bob</b><script>x</script></p>\r\n"
            + "--b\r\nContent-Type: text/html; name=\"../../etc/<b>.html\"\r\nContent-Transfer-Encoding: base64\r\n"
            + "Content-Disposition: attachment; filename=\"../../etc/<b>.html\"\r\n\r\n"
            + "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\r\n--b--\r\n";

    private final List<Scene> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(Scene::close);
    }

    private Scene open(Scene scene) {
        opened.add(scene);
        return scene;
    }

    private static HttpResponse<byte[]> ask(String method, String target, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(target)).method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(String target) {
        HttpResponse<byte[]> response = ask("GET", target);
        assertThat(response.statusCode()).isEqualTo(200);
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static JsonObject json(String target) {
        return JsonParser.parseString(text(target)).getAsJsonObject();
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** The next event of a stream, as a new browser gets it. */
    private static JsonObject event(Scene scene) {
        try {
            HttpResponse<java.io.InputStream> stream = HTTP.send(
                    HttpRequest.newBuilder(URI.create(scene.address() + "/console/events"))
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            assertThat(header(stream, "Content-Type")).isEqualTo("text/event-stream");
            try (var reader =
                    new java.io.BufferedReader(new java.io.InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
                assertThat(reader.readLine()).startsWith("retry: ");
                return JsonParser.parseString(reader.readLine().substring("data: ".length()))
                        .getAsJsonObject();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void thePageAndAllThatItNamesComeFromHereAlone() {
        Scene scene = open(Scene.open(Console.create()));
        HttpResponse<byte[]> page = ask("GET", scene.address() + "/");
        assertThat(header(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(header(page, "Content-Security-Policy"))
                .isEqualTo(
                        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
                                + " frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        assertThat(header(page, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(page, "Referrer-Policy")).isEqualTo("no-referrer");
        String html = new String(page.body(), StandardCharsets.UTF_8);
        assertThat(html).doesNotContain("://", "style=", "<style", "onclick");
        Matcher named = Pattern.compile("(?:src|href)=\"(/[^\"]*)\"").matcher(html);
        List<String> parts = new ArrayList<>();
        while (named.find()) {
            parts.add(named.group(1));
        }
        assertThat(parts).hasSizeGreaterThan(4);
        for (String module : List.of("dom", "figures", "mails", "server", "sessions", "spool", "suspensions")) {
            parts.add("/console/" + module + ".js");
        }
        for (String part : parts) {
            HttpResponse<byte[]> answer = ask("GET", scene.address() + part);
            assertThat(answer.statusCode()).as(part).isEqualTo(200);
            assertThat(answer.body()).isNotEmpty();
            assertThat(header(answer, "Content-Type")).startsWith(type(part));
        }
        assertThat(ask("POST", scene.address() + "/").statusCode()).isEqualTo(405);
        assertThat(ask("GET", scene.address() + "/console/").statusCode()).isEqualTo(404);
        assertThat(ask("GET", scene.address() + "/console/index.html").statusCode())
                .isEqualTo(404);
    }

    private static String type(String part) {
        if (part.endsWith(".js")) {
            return "text/javascript";
        }
        return part.endsWith(".css") ? "text/css" : "image/svg+xml";
    }

    @Test
    void explainsEachRowWithoutNetwork() {
        Scene scene = open(Scene.open(Console.create()));
        JsonArray rows = json(scene.address() + "/console/replies").getAsJsonArray("rows");
        assertThat(rows).hasSize(StandardReply.values().length);
        for (JsonElement each : rows) {
            JsonObject row = each.getAsJsonObject();
            StandardReply expected = StandardReply.valueOf(row.get("id").getAsString());
            assertThat(row.get("advice").getAsString()).isEqualTo(expected.advice());
            if (expected.part() == StandardReply.Part.CONTRACT) {
                assertThat(row.get("cause").getAsString()).as(expected.name()).isNotEmpty();
                assertThat(row.get("operator").getAsString())
                        .as(expected.name())
                        .isNotEmpty()
                        .doesNotContain("](", "`", "##");
                assertThat(text(scene.address() + "/console/errors/" + expected.name()))
                        .startsWith("# " + expected.name() + "\n");
                assertThat(row.get("page").getAsBoolean()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "NONE",
                "GREETING",
                "../index.html",
                "..%2Findex.html",
                "%2e%2e/console.js",
                "SENDER_SYNTAX.md"
            })
    void whatIsNoRowHasNoPage(String row) {
        Scene scene = open(Scene.open(Console.create()));
        assertThat(ask("GET", scene.address() + "/console/errors/" + row).statusCode())
                .isEqualTo(404);
    }

    @Test
    void countsWhatIsRepliedAndSaysWhy() {
        Scene scene = open(Scene.open(Console.create()));
        scene.send("one", "\r\none\r\n");
        scene.send("two", "\r\ntwo\r\n");
        try (SmtpProbe probe = scene.session()) {
            assertThat(probe.mail("<nobody")).isStandardReply(StandardReply.SENDER_SYNTAX);
            JsonObject event = event(scene);
            assertThat(event.getAsJsonObject("health").get("status").getAsString())
                    .isEqualTo("up");
            assertThat(event.getAsJsonObject("messages").get("accepted").getAsLong())
                    .isEqualTo(2);
            JsonObject replies = event.getAsJsonObject("replies");
            assertThat(replies.get("MESSAGE_ACCEPTED").getAsLong()).isEqualTo(2);
            assertThat(replies.get("GREETING").getAsLong()).isEqualTo(3);
            assertThat(replies.get("SENDER_SYNTAX").getAsLong()).isEqualTo(1);
            JsonObject refusal = event.getAsJsonArray("refusals").get(0).getAsJsonObject();
            assertThat(refusal.get("row").getAsString()).isEqualTo("SENDER_SYNTAX");
            assertThat(refusal.get("user").getAsString()).isEqualTo(Scene.ANN);
            assertThat(event.getAsJsonObject("sessions").get("count").getAsInt())
                    .isPositive();
            assertThat(event.has("mails")).isFalse();
        }
        assertThat(ask("GET", scene.address() + "/console/mails").statusCode()).isEqualTo(404);
    }

    @Test
    void whoComesLaterSeesTheLastMinutes() {
        TestClock clock = new TestClock();
        Scene scene = open(Scene.open(Console.create(clock)));
        assertThat(seconds(event(scene), "accepted")).as("none has ended").isEmpty();
        scene.send("one", "\r\none\r\n");
        scene.send("two", "\r\ntwo\r\n");
        clock.advance(Duration.ofSeconds(2));
        try (SmtpProbe probe = scene.session()) {
            probe.mail("<nobody");
        }
        clock.advance(Duration.ofSeconds(1));
        JsonObject event = event(scene);
        assertThat(seconds(event, "accepted")).containsExactly(2, 0, 0);
        assertThat(seconds(event, "refused")).containsExactly(0, 0, 1);
        assertThat(event.get("refused").getAsInt()).isEqualTo(1);

        clock.advance(Duration.ofSeconds(298));
        assertThat(seconds(event(scene), "accepted")).hasSize(300).contains(0).doesNotContain(2);
        assertThat(seconds(event(scene), "refused")).hasSize(300).contains(1, Index.atIndex(1));
        clock.advance(Duration.ofDays(400));
        assertThat(seconds(event(scene), "refused")).hasSize(300).containsOnly(0);
    }

    private static List<Integer> seconds(JsonObject event, String name) {
        return event.getAsJsonObject("seconds").getAsJsonArray(name).asList().stream()
                .map(JsonElement::getAsInt)
                .toList();
    }

    @Test
    void lastRefusalsAreFew() {
        Scene scene = open(Scene.open(Console.create()));
        for (int session = 0; session < 5; session++) {
            try (SmtpProbe probe = scene.session()) {
                for (int i = 0; i < 15; i++) {
                    probe.mail("<nobody");
                }
            }
        }
        JsonArray refusals = event(scene).getAsJsonArray("refusals");
        assertThat(refusals).hasSize(50);
        assertThat(refusals.get(0).getAsJsonObject().get("number").getAsLong()).isEqualTo(75);
    }

    @Test
    void showsAMailInParts() {
        Scene scene = open(Scene.open(Console.create().withMails(10, 1 << 20)));
        scene.send("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", ATTACHED);
        JsonObject list = json(scene.address() + "/console/mails");
        JsonObject head = list.getAsJsonArray("mails").get(0).getAsJsonObject();
        assertThat(head.get("subject").getAsString()).isEqualTo("Gr\u00fc\u00dfe");
        String address =
                scene.address() + "/console/mails/" + head.get("number").getAsLong();
        JsonObject mail = json(address);
        assertThat(mail.get("text").getAsString().strip()).isEqualTo("Hello Bob");
        assertThat(mail.get("recipients").getAsJsonArray().get(0).getAsString()).isEqualTo("bob@example.net");
        JsonObject part = mail.getAsJsonArray("parts").get(0).getAsJsonObject();
        assertThat(part.get("name").getAsString()).isEqualTo("../../etc/<b>.html");
        assertThat(text(address + "/source")).contains("Subject: =?utf-8?q?");

        String key = "?key=" + mail.get("key").getAsString();
        HttpResponse<byte[]> frame = ask("GET", address + "/html" + key);
        assertThat(header(frame, "Content-Security-Policy"))
                .isEqualTo("default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
                        + " form-action 'none'; frame-ancestors 'self'; sandbox");
        assertThat(new String(frame.body(), StandardCharsets.UTF_8))
                .contains("<p>Hello <b>Bob</b></p>")
                .doesNotContain("script", "alert");
        HttpResponse<byte[]> file =
                ask("GET", address + "/part/" + part.get("number").getAsInt() + key);
        assertThat(new String(file.body(), StandardCharsets.UTF_8)).isEqualTo("<script>alert(1)</script>");
        assertThat(header(file, "Content-Type")).isEqualTo("application/octet-stream");
        assertThat(header(file, "Content-Disposition")).isEqualTo("attachment; filename=\"part-2-b_.html\"");
        assertThat(header(file, "Content-Security-Policy")).contains("sandbox");
        assertThat(header(ask("GET", address + "/raw" + key), "Content-Disposition"))
                .isEqualTo("attachment; filename=\"mail-1.eml\"");

        for (String wrong : List.of("", "?key=", "?key=0123456789abcdef0123456789abcdef")) {
            for (String path : List.of("/html", "/raw", "/part/2")) {
                assertThat(ask("GET", address + path + wrong).statusCode()).isEqualTo(404);
            }
        }
        assertThat(ask("GET", address + "/part/9" + key).statusCode()).isEqualTo(404);
        assertThat(ask("GET", scene.address() + "/console/mails/7").statusCode())
                .isEqualTo(404);
        assertThat(ask("DELETE", address).statusCode()).isEqualTo(405);
    }

    @Test
    void findsAndForgetsMails() {
        Scene scene = open(Scene.open(Console.create().withMails(10, 1 << 20)));
        scene.send("Lunch", "\r\nfish and chips\r\n");
        scene.send("Dinner", "\r\nsoup\r\n");
        String mails = scene.address() + "/console/mails";
        assertThat(json(mails + "?search=").get("found").getAsInt()).isEqualTo(2);
        assertThat(json(mails + "?search=CHIPS+lun").get("found").getAsInt()).isEqualTo(1);
        assertThat(json(mails + "?search=chips+dinner").get("found").getAsInt()).isZero();
        assertThat(json(mails + "?search=bob%40example.net").get("found").getAsInt())
                .isEqualTo(2);
        assertThat(ask("GET", mails + "?search=" + "x".repeat(201)).statusCode())
                .isEqualTo(400);
        assertThat(ask("GET", mails + "?find=x").statusCode()).isEqualTo(400);
        assertThat(ask("DELETE", mails, "Origin", "http://evil.example").statusCode())
                .isEqualTo(403);
        assertThat(json(mails).get("kept").getAsInt()).isEqualTo(2);
        assertThat(ask("DELETE", mails).statusCode()).isEqualTo(200);
        assertThat(json(mails).get("kept").getAsInt()).isZero();
        assertThat(event(scene).get("mails").getAsLong()).isEqualTo(3);
    }

    @Test
    void keepsTheNewestMailsWithinItsBounds() {
        Scene few = open(Scene.open(Console.create().withMails(2, 1 << 20)));
        for (String subject : List.of("one", "two", "three")) {
            few.send(subject, "\r\nx\r\n");
        }
        JsonObject list = json(few.address() + "/console/mails");
        assertThat(list.get("dropped").getAsInt()).isEqualTo(1);
        assertThat(list.getAsJsonArray("mails")
                        .get(0)
                        .getAsJsonObject()
                        .get("subject")
                        .getAsString())
                .isEqualTo("three");
        assertThat(list.getAsJsonArray("mails")).hasSize(2);

        Scene small = open(Scene.open(Console.create().withMails(100, 5000)));
        String text = "\r\n" + ("x".repeat(70) + "\r\n").repeat(25);
        for (String subject : List.of("one", "two", "three")) {
            small.send(subject, text);
        }
        small.send("too large", text.repeat(5));
        JsonObject kept = json(small.address() + "/console/mails");
        assertThat(kept.getAsJsonArray("mails")
                        .get(0)
                        .getAsJsonObject()
                        .get("subject")
                        .getAsString())
                .isEqualTo("three");
        assertThat(kept.get("kept").getAsInt()).isEqualTo(2);
        assertThat(kept.get("dropped").getAsInt()).isEqualTo(2);
        for (int wrong : List.of(0, 10_001)) {
            assertThatThrownBy(() -> Console.create().withMails(wrong, 1)).hasMessageStartingWith("most must");
        }
        assertThatThrownBy(() -> Console.create().withMails(1, 0)).hasMessageStartingWith("octets must");
    }

    @Test
    void withATokenThePageIsShownAndNothingElse() {
        Scene scene = open(Scene.guarded(Console.create().withMails(10, 1 << 20)));
        scene.send("secret plan", "\r\nx\r\n");
        assertThat(ask("GET", scene.address() + "/").statusCode()).isEqualTo(200);
        assertThat(ask("GET", scene.address() + "/console/console.js").statusCode())
                .isEqualTo(200);
        for (String path : List.of("events", "replies", "mails", "mails/1", "mails/1/source")) {
            assertThat(ask("GET", scene.address() + "/console/" + path).statusCode())
                    .as(path)
                    .isEqualTo(401);
        }
        for (String path : List.of("html", "raw", "part/0")) {
            assertThat(ask("GET", scene.address() + "/console/mails/1/" + path).statusCode())
                    .as(path)
                    .isEqualTo(404);
        }
        assertThat(ask("GET", scene.address() + "/console/mails/1", "Authorization", BEARER)
                        .statusCode())
                .isEqualTo(200);
    }
}
