package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.RefusedRecipient;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spi.ReversePath;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spool.Scene.Arrived;
import dev.postern.testkit.TestMessage;
import dev.postern.tools.HeldPage;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import jakarta.mail.BodyPart;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.eclipse.angus.mail.dsn.DeliveryStatus;
import org.eclipse.angus.mail.dsn.MultipartReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What senders are told, by kind: as the files have it, but for ids and moments, which {@code -Dpostern.docs=write} writes
 * anew; and as Jakarta Mail and Python's email read it.
 */
class NoticeTest {

    private static final Path FILES = Path.of("src", "test", "resources", "dev", "postern", "spool", "notices");
    private static final Reply GONE = Reply.fromUpstream(550, List.of("5.1.1 no such user here"));
    private static final Reply FULL = Reply.fromUpstream(552, List.of("5.2.2 over quota"));

    @TempDir
    Path directory;

    /** What a sender is told, with the fields of the delivery-status that programs read. */
    enum Notice {
        FAILED(Map.of("ENVID", "QQ+2B1"), "failed", "5.1.1", "5.2.2"),
        FAILED_WHOLE(Map.of("RET", "FULL"), "failed", "5.1.1", "5.2.2"),
        FAILED_BY_THE_CATALOGUE(Map.of(), "failed", StandardReply.FROM_DOMAIN_MISMATCH),
        FAILED_UTF8(Map.of("SMTPUTF8", ""), "failed", "5.1.1"),
        EXPIRED(Map.of(), "failed", "4.4.7"),
        DELAYED(Map.of(), "delayed", "4.2.1"),
        RELAYED(Map.of(), "relayed", "2.0.0");

        private final Map<String, String> parameters;
        private final String action;
        private final List<String> statuses;

        Notice(Map<String, String> parameters, String action, String... statuses) {
            this.parameters = parameters;
            this.action = action;
            this.statuses = List.of(statuses);
        }

        Notice(Map<String, String> parameters, String action, StandardReply reply) {
            this(
                    parameters,
                    action,
                    reply.reply().enhancedStatus().orElseThrow().toString());
        }

        Path file() {
            return FILES.resolve(name().toLowerCase(Locale.ROOT).replace('_', '-') + ".eml");
        }

        private DeliveryResult answer(Submission message) {
            return switch (this) {
                case FAILED, FAILED_WHOLE ->
                    refusing(message, Map.of("gone@example.net", GONE, "full@example.net", FULL));
                case FAILED_UTF8 -> DeliveryResult.rejected("up", GONE, List.of());
                case FAILED_BY_THE_CATALOGUE ->
                    DeliveryResult.rejected("up", StandardReply.FROM_DOMAIN_MISMATCH.reply(), List.of());
                case EXPIRED, DELAYED ->
                    DeliveryResult.deferred("up", Reason.FAILED, "not now")
                            .withReply(Reply.fromUpstream(450, List.of("4.2.1 busy")));
                case RELAYED -> Scene.accepted();
            };
        }

        private List<Recipient> recipients() {
            return switch (this) {
                case FAILED, FAILED_WHOLE ->
                    List.of(
                            Recipient.of("bob@example.net"),
                            to("gone@example.net", Map.of("ORCPT", "rfc822;Gone+2B1@old.test", "NOTIFY", "FAILURE")),
                            Recipient.of("full@example.net"),
                            to("full@example.net", Map.of("NOTIFY", "NEVER")));
                case FAILED_UTF8 -> List.of(Recipient.of("j\u00f6rg@ex\u00e4mple.test"));
                case RELAYED ->
                    List.of(
                            to("bob@example.net", Map.of("NOTIFY", "SUCCESS,FAILURE")),
                            Recipient.of("carl@example.net"));
                default -> List.of(Recipient.of("bob@example.net"));
            };
        }
    }

    private static Recipient to(String address, Map<String, String> parameters) {
        return new Recipient(MailAddress.parse(address), new EsmtpParameters(parameters));
    }

    private static DeliveryResult refusing(Submission message, Map<String, Reply> refusals) {
        List<RefusedRecipient> refused = message.envelope().recipients().stream()
                .map(Recipient::address)
                .distinct()
                .filter(address -> refusals.containsKey(address.toString()))
                .map(address -> new RefusedRecipient(address, refusals.getOrDefault(address.toString(), GONE)))
                .toList();
        return refused.isEmpty() ? Scene.accepted() : DeliveryResult.rejected("up", GONE, refused);
    }

    /** Has the spool tell it. */
    private String told(Notice kind) {
        try (Scene scene = new Scene(SpoolStore.directory(directory.resolve("spool")))) {
            scene.answer = message ->
                    message.envelope().reversePath().address().isEmpty() ? Scene.accepted() : kind.answer(message);
            Spool spool = scene.open();
            Envelope envelope = new Envelope(
                    ReversePath.of(MailAddress.parse("ann@example.org")),
                    new EsmtpParameters(kind.parameters),
                    kind.recipients());
            String subject = kind == Notice.FAILED_UTF8 ? "Gr\u00fc\u00dfe" : "hello";
            spool.deliver(TestMessage.of("From: ann@example.org\r\nTo: bob@example.net\r\nSubject: " + subject
                            + "\r\nMessage-ID: <1@example.org>\r\n\r\nThe text.\r\n")
                    .withEnvelope(envelope)
                    .submission());
            if (kind == Notice.EXPIRED || kind == Notice.DELAYED) {
                scene.until(() -> scene.told(SpoolEvent.Kind.DEFERRED));
                // 42 and a half of 48 hours are left, of which the waits for the relay take some minutes
                scene.clock.advance(kind == Notice.DELAYED ? Duration.ofMinutes(330) : Duration.ofDays(2));
            }
            scene.until(() -> notices(scene).findFirst().isPresent());
            return notices(scene).reduce((first, last) -> last).orElseThrow().content();
        }
    }

    /** As the relay greets, so that a reader knows whose notice it is. */
    @Test
    void withoutAName_isTheMachines() throws Exception {
        String machine = InetAddress.getLocalHost().getHostName();
        assertThat(SpoolSettings.defaults().named().hostName())
                .isEqualTo(MailAddress.isDomain(machine) ? machine : "localhost");
        assertThat(SpoolSettings.defaults().withHostName("relay.test").named().hostName())
                .isEqualTo("relay.test");
    }

    /** Who asked to hear of the delivery hears of it from an upstream that offers DSN, and not from us as well. */
    @Test
    void upstreamWithDsn_tellsOfTheDeliveryItself() {
        try (Scene scene = new Scene(SpoolStore.directory(directory.resolve("spool")))) {
            scene.answer = message -> ((DeliveryResult.Accepted) Scene.accepted()).withDsn();
            Spool spool = scene.open();
            spool.deliver(TestMessage.of("Subject: hello\r\n\r\nThe text.\r\n")
                    .withEnvelope(new Envelope(
                            ReversePath.of(MailAddress.parse("ann@example.org")),
                            new EsmtpParameters(Map.of()),
                            Notice.RELAYED.recipients()))
                    .submission());
            scene.untilEmpty(spool);
            assertThat(scene.arrived).hasSize(1);
        }
    }

    /**
     * What the upstream cannot take as it is may have its sender told of that all the same: the notice needs no more than
     * US-ASCII.
     */
    @ParameterizedTest
    @EnumSource(
            value = StandardReply.class,
            names = {"ADDRESS_UNSUPPORTED", "ENCODING_UNSUPPORTED"})
    void upstreamThatTakesAsciiAlone_takesTheNotice(StandardReply refusal) throws Exception {
        String body = "=?".repeat(60) + " \u00fc";
        for (String sender : List.of("", "SMTPUTF8")) {
            Map<String, String> parameters = new LinkedHashMap<>(Map.of("RET", "FULL"));
            if (!sender.isEmpty()) {
                parameters.put(sender, "");
            }
            try (Scene scene = new Scene(SpoolStore.directory(directory.resolve(refusal + sender)))) {
                scene.answer = message -> message.content().eightBit()
                                || message.envelope().parameters().smtpUtf8()
                        ? DeliveryResult.rejected("up", refusal.reply(), List.of())
                        : Scene.accepted();
                Spool spool = scene.open();
                spool.deliver(TestMessage.of("From: ann@example.org\r\nSubject: " + body + "\r\n\r\n" + body + "\r\n")
                        .withEnvelope(new Envelope(
                                ReversePath.of(MailAddress.parse("ann@example.org")),
                                new EsmtpParameters(parameters),
                                List.of(Recipient.of("j\u00f6rg@ex\u00e4mple.test"))))
                        .submission());
                scene.untilEmpty(spool);
                assertThat(scene.arrived).hasSize(1);
                String notice = scene.arrived.get(0).content();
                assertThat(notice)
                        .contains(
                                "Final-Recipient: utf-8; j\\x{F6}rg@ex\\x{E4}mple.test\r\n",
                                "Content-Type: text/rfc822-headers\r\n");
                MimeMessage message = new MimeMessage(
                        Session.getInstance(new Properties()),
                        new ByteArrayInputStream(notice.getBytes(StandardCharsets.US_ASCII)));
                BodyPart returned = ((MultipartReport) message.getContent()).getBodyPart(2);
                assertThat(new String(returned.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualToNormalizingNewlines("From: ann@example.org\nSubject: " + body + "\n");
            }
        }
    }

    /** The way back may be without TLS (RFC 8689 section 5). */
    @Test
    void messageThatNeedsTls_isNotReturned() {
        try (Scene scene = new Scene(SpoolStore.directory(directory.resolve("spool")))) {
            scene.answer = message -> message.envelope().reversePath().address().isEmpty()
                    ? Scene.accepted()
                    : DeliveryResult.rejected("up", StandardReply.REQUIRETLS_UNSUPPORTED.reply(), List.of());
            Spool spool = scene.open();
            spool.deliver(TestMessage.of("Message-ID: <1@example.org>\r\nSubject: the secret\r\n\r\nThe secret.\r\n")
                    .withEnvelope(new Envelope(
                            ReversePath.of(MailAddress.parse("ann@example.org")),
                            new EsmtpParameters(Map.of("REQUIRETLS", "", "RET", "FULL")),
                            List.of(Recipient.of("bob@example.net"))))
                    .submission());
            scene.untilEmpty(spool);
            assertThat(scene.arrived)
                    .singleElement()
                    .satisfies(notice -> assertThat(notice.content())
                            .contains("\r\n\r\nMessage-ID: <1@example.org>\r\n", "In-Reply-To: <1@example.org>\r\n")
                            .doesNotContainIgnoringCase("the secret"));
        }
    }

    /** As clients send it, a status has US-ASCII alone (RFC 3464 section 2.1). */
    @Test
    void xtext_standsForUsAsciiAlone() {
        assertThat(Xtext.decode("QQ+2B1+C3+BC+7F+5C+24")).isEqualTo("QQ+1+C3+BC+7F\\$");
    }

    private static Stream<Arrived> notices(Scene scene) {
        return scene.arrived.stream().filter(one -> one.sender().isEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void isAsTheFileHasIt_andJakartaMailReadsIt(Notice kind) throws Exception {
        String octets = told(kind); // an octet a character
        byte[] notice = octets.getBytes(StandardCharsets.ISO_8859_1);
        HeldPage.hold(kind.file(), lasting(new String(notice, StandardCharsets.UTF_8)));
        if (kind == Notice.FAILED_UTF8) {
            return; // Jakarta Mail does not know RFC 6533
        }
        MimeMessage message = new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(notice));
        MultipartReport report = (MultipartReport) message.getContent();
        DeliveryStatus status = (DeliveryStatus) report.getReport();
        assertThat(status.getMessageDSN().getHeader("Reporting-MTA")).containsExactly("dns; relay.test");
        InternetHeaders[] recipients = new InternetHeaders[status.getRecipientDSNCount()];
        for (int i = 0; i < recipients.length; i++) {
            recipients[i] = status.getRecipientDSN(i);
        }
        assertThat(Arrays.stream(recipients).map(one -> one.getHeader("Status", null)))
                .containsExactlyElementsOf(kind.statuses);
        assertThat(Arrays.stream(recipients).map(one -> one.getHeader("Action", null)))
                .containsOnly(kind.action);
        if (kind == Notice.FAILED) {
            assertThat(status.getMessageDSN().getHeader("Original-Envelope-Id")).containsExactly("QQ+1");
            assertThat(recipients[0].getHeader("Original-Recipient")).containsExactly("rfc822; Gone+1@old.test");
        }
        BodyPart returned = report.getBodyPart(2);
        assertThat(returned.isMimeType("message/rfc822")).isEqualTo(kind == Notice.FAILED_WHOLE);
    }

    /** Ids and moments differ from run to run. */
    private static String lasting(String notice) {
        return notice.replace("\r\n", "\n")
                .replaceAll("(?m)^((?:[A-Za-z-]+-)?Date|Will-Retry-Until): .*", "$1: Thu, 15 Jan 2026 12:00:00 +0000")
                .replaceAll("\\bh[0-9a-z]{16,26}\\b", "ID")
                .replaceAll("(?<=_)h[0-9a-z]{16,26}(?=_)", "ID")
                .replaceAll("(ID\\.[a-z]+)\\.[0-9]{13}@", "$1.0@");
    }

    @Test
    @Needs(Tool.PYTHON)
    void pythonReadsEachFile() throws Exception {
        String program = """
                import email, email.policy, glob, sys
                for name in sorted(glob.glob(sys.argv[1] + "/*.eml")):
                    message = email.message_from_binary_file(open(name, "rb"), policy=email.policy.SMTPUTF8)
                    assert message.get_content_type() == "multipart/report" and not message.defects, name
                    text, status, returned = message.iter_parts()
                    assert text.get_content().startswith("This is the mail relay at relay.test."), name
                    fields = status.get_payload()
                    if status.get_content_subtype() != "delivery-status":  # of RFC 6533: Python knows no blocks there
                        rest = fields[0].get_payload().strip().replace("\\r\\n", "\\n").split("\\n\\n")
                        fields = [fields[0]] + [email.message_from_string(block) for block in rest]
                    print(name.rsplit("/")[-1], fields[1]["Action"], *[f["Status"] for f in fields[1:] if f["Status"]])
                """;
        Process python = new ProcessBuilder("python3", "-c", program, FILES.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(python.waitFor()).as(output).isZero();
        Map<String, String> expected = new LinkedHashMap<>();
        for (Notice kind : Notice.values()) {
            expected.put(
                    String.valueOf(kind.file().getFileName()), kind.action + " " + String.join(" ", kind.statuses));
        }
        Map<String, String> read = new LinkedHashMap<>();
        output.lines().forEach(line -> read.put(line.split(" ")[0], line.substring(line.indexOf(' ') + 1)));
        assertThat(read).containsExactlyInAnyOrderEntriesOf(expected);
        try (Stream<Path> files = Files.list(FILES)) {
            assertThat(files).hasSize(Notice.values().length);
        }
    }
}
