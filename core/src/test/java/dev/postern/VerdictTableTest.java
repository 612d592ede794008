package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.MessageRules;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.UpstreamTimeouts;
import dev.postern.testkit.Access;
import dev.postern.testkit.RelayEvents;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * The tables in docs/upstream.md, as they come out when each cell is done to a relay: stage by what the upstream does there,
 * and what it does not offer. To write them anew: {@code mvn test -pl spi,testkit,core -Dtest=VerdictTableTest
 * -Dpostern.readme=write -Dsurefire.failIfNoSpecifiedTests=false}.
 */
@OnAnyJdk
class VerdictTableTest {

    private static final Path PAGE = Path.of("..", "docs", "upstream.md");
    private static final String ACCEPTED = "MESSAGE_ACCEPTED";

    /**
     * A row of the first table.
     *
     * @param name what it is called
     * @param stage where the upstream is told to misbehave
     * @param way how the relay comes there
     */
    private record Row(String name, Stage stage, Function<FakeUpstream, Upstream> way) {}

    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (Stage stage : List.of(Stage.CONNECT, Stage.GREETING, Stage.EHLO)) {
            rows.add(new Row(stage.name(), stage, Scene::inClear));
        }
        rows.add(new Row("STARTTLS", Stage.STARTTLS, Scene::byStartTlsAndLogin));
        rows.add(new Row("TLS handshake", Stage.STARTTLS, Scene::byStartTlsAndLogin));
        rows.add(new Row("AUTH", Stage.AUTH, Scene::byStartTlsAndLogin));
        for (Stage stage : List.of(Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.CONTENT, Stage.END_OF_DATA)) {
            rows.add(new Row(stage.name(), stage, Scene::inClear));
        }
        return rows;
    }

    private static Map<String, Fault> faults() {
        Map<String, Fault> faults = new LinkedHashMap<>();
        faults.put("5xx", Fault.reply("554 5.7.1 no"));
        faults.put("4xx", Fault.reply("451 4.3.0 later"));
        faults.put("421 and closes", Fault.replyThenClose("421 4.3.2 away"));
        faults.put("closes", Fault.close());
        faults.put("resets", Fault.reset());
        faults.put("is silent", Fault.hang());
        faults.put("talks nonsense", Fault.reply("+OK what?"));
        return faults;
    }

    @Test
    void theTableOfStagesIsWhatClientsAreTold() throws IOException {
        Map<Map<String, List<String>>, List<String>> rows = new LinkedHashMap<>(); // those with the same ends are one
        for (Row row : rows()) {
            Map<String, List<String>> ends = new LinkedHashMap<>();
            faults().forEach((does, fault) -> ends.computeIfAbsent(cell(row, fault), told -> new ArrayList<>())
                    .add(does));
            ends.remove("");
            rows.computeIfAbsent(ends, any -> new ArrayList<>()).add(row.name());
        }
        StringBuilder table =
                new StringBuilder("| at | the upstream says or does | told | reason |\n|---|---|---|---|\n");
        rows.forEach((ends, names) -> ends.forEach((told, does) -> {
            String[] replyAndReason = (told + ": ").split(": ", -1);
            table.append("| %s | %s | %s | %s |\n"
                    .formatted(
                            String.join(", ", names), String.join(", ", does), replyAndReason[0], replyAndReason[1]));
        }));
        hold("verdicts", table.toString());
    }

    private static String cell(Row row, Fault fault) {
        if (row.stage() == Stage.CONNECT && fault.saysSomething()) {
            return ""; // nobody says anything before the greeting
        }
        boolean handshake = row.name().equals("TLS handshake");
        RelayEvents events = new RelayEvents();
        try (Scene scene = Scene.open(builder -> builder.listener(events), row.way())) {
            scene.upstream.script(
                    row.stage(), handshake ? Fault.reply("220 2.0.0 go").then(fault) : fault);
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.send("DATA")).hasCode(354);
            probe.write(Scene.MESSAGE + ".\r\n");
            ProbeReply reply = scene.replyInTime(probe, row.stage());
            assertThat(scene.upstream.messages()).isEmpty();
            return told(reply, events, row.stage() == Stage.CONTENT);
        }
    }

    /** Within the content, it depends on the network's buffers whether the relay had sent all of it when it was lost. */
    private static String told(ProbeReply reply, RelayEvents events, boolean mayHaveSentAll) {
        if (reply.code() == 250) {
            assertThat(events.of(RelayEvent.Relayed.class)).hasSize(1);
            return ACCEPTED;
        }
        assertThat(events.of(RelayEvent.NotRelayed.class)).hasSize(1);
        RelayEvent.NotRelayed event = events.of(RelayEvent.NotRelayed.class).get(0);
        String row = event.reply().standard().map(Enum::name).orElse("its 5xx");
        assertThat(reply.code()).isEqualTo(event.reply().code());
        if (!(event.result() instanceof Deferred deferred)) {
            return row;
        }
        boolean lost = deferred.reply().isEmpty();
        return row + ": " + (mayHaveSentAll && lost ? "FAILED, AMBIGUOUS if all of it was sent" : deferred.reason());
    }

    /**
     * A row of the second table.
     *
     * @param without what the upstream does not offer
     * @param need what would need it
     * @param mail parameters of MAIL
     * @param rcpt the recipient, with parameters
     * @param content what is sent
     */
    private record Lack(String without, String need, String mail, String rcpt, String content) {}

    private static List<Lack> lacks() {
        String plain = "<bob@dest.test>";
        String utf8 = Scene.MESSAGE + "K\u00f6ln\r\n";
        return List.of(
                new Lack("8BITMIME", "8-bit content", " BODY=8BITMIME", plain, utf8),
                new Lack("8BITMIME", "a client that only declares it", " BODY=8BITMIME", plain, Scene.MESSAGE),
                new Lack("SMTPUTF8", "an international address", " SMTPUTF8", "<j\u00f6rg@dest.test>", Scene.MESSAGE),
                new Lack(
                        "SMTPUTF8",
                        "a declared SMTPUTF8, with 8-bit fields",
                        " SMTPUTF8",
                        plain,
                        "To: K\u00f6ln:;\r\n" + utf8),
                new Lack("SMTPUTF8", "a declared SMTPUTF8, with 8-bit text alone", " SMTPUTF8", plain, utf8),
                new Lack("SMTPUTF8", "a client that only declares it", " SMTPUTF8", plain, Scene.MESSAGE),
                new Lack("DSN", "a request for notifications", " RET=HDRS", plain + " NOTIFY=FAILURE", Scene.MESSAGE),
                new Lack("SIZE", "a declared size", " SIZE=1000", plain, Scene.MESSAGE),
                new Lack("PIPELINING", "", "", plain, Scene.MESSAGE),
                new Lack("CHUNKING", "", "", plain, Scene.MESSAGE),
                new Lack("ENHANCEDSTATUSCODES", "", "", plain, Scene.MESSAGE));
    }

    @Test
    void theTableOfExtensionsIsWhatClientsAreTold() throws IOException {
        StringBuilder table =
                new StringBuilder("| the upstream does not offer | and it would be needed for | the client is told |\n"
                        + "|---|---|---|\n");
        for (Lack lack : lacks()) {
            table.append("| %s | %s | %s |\n".formatted(lack.without(), lack.need(), toldWithout(lack)));
        }
        table.append("| STARTTLS | `Upstream.startTls` | ")
                .append(toldWithoutTlsAndLogin(true))
                .append(" |\n");
        table.append("| AUTH | `Upstream.login` | ")
                .append(toldWithoutTlsAndLogin(false))
                .append(" |\n");
        hold("extensions", table.toString());
    }

    private static String toldWithout(Lack lack) {
        RelayEvents events = new RelayEvents();
        try (Scene scene = Scene.open(builder ->
                builder.listener(events).messages(MessageRules.defaults().withDsn()))) {
            scene.upstream.withoutExtension(lack.without());
            SmtpProbe probe = scene.alice();
            assertThat(probe.send("MAIL FROM:<alice@client.test>" + lack.mail()))
                    .hasCode(250);
            assertThat(probe.send("RCPT TO:" + lack.rcpt())).hasCode(250);
            String told = told(probe.data(lack.content()), events, false);
            assertThat(scene.upstream.messages()).hasSize(told.equals(ACCEPTED) ? 1 : 0);
            assertThat(scene.upstream.commands()).noneMatch(line -> line.startsWith("MAIL") && !told.equals(ACCEPTED));
            return told;
        }
    }

    private static String toldWithoutTlsAndLogin(boolean tls) {
        RelayEvents events = new RelayEvents();
        try (Scene scene = Scene.open(
                builder -> builder.listener(events),
                server -> tls
                        ? Upstream.startTls("localhost", server.port())
                        : Upstream.smtp("localhost", server.port())
                                .allowPlaintextAuth()
                                .login("postern", "battery staple"))) {
            String told = told(scene.atRcpt(Access.CLEAR).data(Scene.MESSAGE), events, false);
            assertThat(scene.upstream.commands()).hasSize(1);
            return told;
        }
    }

    /**
     * A row of the table of time-outs.
     *
     * @param with its method
     * @param what it limits
     * @param time of the defaults
     * @param client what RFC 5321 section 4.5.3.2 has a client wait at least
     */
    private record Limit(String with, String what, Function<UpstreamTimeouts, Duration> time, String client) {}

    @Test
    void theTableOfTimeOutsIsTheDefaults() throws IOException {
        List<Limit> limits = List.of(
                new Limit(
                        "withConnect",
                        "each of looking up the name, connecting to an address, the TLS handshake",
                        UpstreamTimeouts::connect,
                        ""),
                new Limit("withGreeting", "the greeting", UpstreamTimeouts::greeting, "5 min"),
                new Limit("withCommand", "each of EHLO, STARTTLS, steps of AUTH, RSET", UpstreamTimeouts::command, ""),
                new Limit("withMail", "the reply to MAIL", UpstreamTimeouts::mail, "5 min"),
                new Limit("withRcpt", "each reply to RCPT", UpstreamTimeouts::rcpt, "5 min"),
                new Limit("withDataInitiation", "the reply to DATA", UpstreamTimeouts::dataInitiation, "2 min"),
                new Limit("withDataBlock", "each 128 KiB of content to leave", UpstreamTimeouts::dataBlock, "3 min"),
                new Limit(
                        "withDataTermination",
                        "the reply to the end of the content",
                        UpstreamTimeouts::dataTermination,
                        "10 min"),
                new Limit("withDelivery", "all of it together", UpstreamTimeouts::delivery, ""));
        assertThat(limits)
                .extracting(Limit::with)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(UpstreamTimeouts.class.getMethods())
                        .map(Method::getName)
                        .filter(name -> name.startsWith("with"))
                        .toList());
        StringBuilder table =
                new StringBuilder("| `UpstreamTimeouts` | limits | default | RFC 5321 |\n|---|---|---|---|\n");
        for (Limit limit : limits) {
            Duration time = limit.time().apply(UpstreamTimeouts.defaults());
            String shown = time.toSecondsPart() == 0 ? time.toMinutes() + " min" : time.toSeconds() + " s";
            table.append("| `%s` | %s | %s | %s |\n".formatted(limit.with(), limit.what(), shown, limit.client()));
        }
        hold("time-outs", table.toString());
    }

    private static void hold(String name, String table) throws IOException {
        String page = Files.readString(PAGE);
        String mark = "<!-- " + name + ": generated -->\n";
        assertThat(page).contains(mark);
        int begin = page.indexOf(mark) + mark.length();
        int end = page.indexOf("<!-- end of " + name + " -->\n");
        if ("write".equals(System.getProperty("postern.readme"))) {
            Files.writeString(PAGE, page.substring(0, begin) + table + page.substring(end));
        } else {
            assertThat(page.substring(begin, end)).isEqualTo(table);
        }
    }
}
