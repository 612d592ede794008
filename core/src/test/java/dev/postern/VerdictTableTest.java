package dev.postern;

import static dev.postern.testkit.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.RelayEvent;
import dev.postern.testkit.Access;
import dev.postern.testkit.Fault;
import dev.postern.testkit.ProbeReply;
import dev.postern.testkit.SmtpProbe;
import dev.postern.testkit.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The table in docs/upstream.md, stage by what the upstream does there, as it comes out when each is done to a relay. To
 * write it anew: {@code mvn test -pl spi,testkit,core -Dtest=VerdictTableTest -Dpostern.readme=write
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class VerdictTableTest {

    private static final Path PAGE = Path.of("..", "docs", "upstream.md");
    private static final String BEGIN = "<!-- verdicts: generated -->\n";
    private static final String END = "<!-- end of verdicts -->\n";
    private static final List<Stage> STAGES = List.of(
            Stage.CONNECT,
            Stage.GREETING,
            Stage.EHLO,
            Stage.MAIL,
            Stage.RCPT,
            Stage.DATA,
            Stage.CONTENT,
            Stage.END_OF_DATA);

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
    void theTableIsWhatClientsAreTold() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        String table = table();
        if ("write".equals(System.getProperty("postern.readme"))) {
            Files.writeString(PAGE, page.substring(0, begin) + table + page.substring(end));
        } else {
            assertThat(page.substring(begin, end)).isEqualTo(table);
        }
    }

    private static String table() {
        String head =
                "| at | " + String.join(" | ", faults().keySet()) + " |\n|---|" + "---|".repeat(faults().size()) + "\n";
        return head
                + STAGES.stream()
                        .map(stage -> "| " + stage + " | "
                                + faults().values().stream()
                                        .map(fault -> cell(stage, fault))
                                        .collect(Collectors.joining(" | "))
                                + " |\n")
                        .collect(Collectors.joining());
    }

    private static String cell(Stage stage, Fault fault) {
        boolean says = Stream.of(Fault.close(), Fault.reset(), Fault.hang()).noneMatch(fault::equals);
        if (stage == Stage.CONNECT && says) {
            return ""; // nobody says anything before the greeting
        }
        List<RelayEvent.NotRelayed> events = new CopyOnWriteArrayList<>();
        try (Scene scene = Scene.open(builder -> builder.listener(event -> {
            if (event instanceof RelayEvent.NotRelayed notRelayed) {
                events.add(notRelayed);
            }
        }))) {
            scene.upstream.script(stage, fault);
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.send("DATA")).hasCode(354);
            probe.write(Scene.MESSAGE + ".\r\n");
            boolean opening = stage.compareTo(Stage.MAIL) < 0;
            ProbeReply reply = scene.replyInTime(probe, opening ? Scene.CONNECT_TIMEOUT : Duration.ofMinutes(1));
            assertThat(scene.upstream.messages()).isEmpty();
            return told(reply, events, stage == Stage.CONTENT);
        }
    }

    /** Within the content, it depends on the network's buffers whether the relay had sent all of it when it was lost. */
    private static String told(ProbeReply reply, List<RelayEvent.NotRelayed> events, boolean mayHaveSentAll) {
        assertThat(events).hasSize(1);
        RelayEvent.NotRelayed event = events.get(0);
        String row = event.reply().standard().map(Enum::name).orElse("its 5xx");
        assertThat(reply.code()).isEqualTo(event.reply().code());
        if (!(event.result() instanceof Deferred deferred)) {
            return row;
        }
        boolean lost = deferred.reply().isEmpty();
        return row + ": " + (mayHaveSentAll && lost ? "FAILED, AMBIGUOUS if all of it was sent" : deferred.reason());
    }
}
