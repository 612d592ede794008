package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("any-jdk")
class StandardReplyTest {

    private record Row(String id, String wire, boolean closes) {}

    /** The contract, as it was promised: names, octets and order. Not derived from the code in any way. */
    private static final List<Row> CONTRACT = List.of(
            new Row("AUTH_CREDENTIALS_INVALID", "535 5.7.8 Authentication credentials invalid", false),
            new Row("AUTH_REQUIRES_TLS", "538 5.7.0 Must issue a STARTTLS command first", false),
            new Row("AUTH_REQUIRED", "530 5.7.0 Authentication required", false),
            new Row("AUTH_BLOCKED", "535 5.7.8 Authentication blocked due to too many failed attempts", false),
            new Row("AUTH_RELAY_DISABLED", "535 5.7.8 SMTP relay is not enabled for this account", false),
            new Row("QUOTA_EXCEEDED", "452 4.2.2 Quota exceeded for the current period", false),
            new Row("TOO_MANY_RECIPIENTS", "452 4.5.3 Too many recipients (max 50 per message)", false),
            new Row("USER_SESSIONS_EXCEEDED", "454 4.7.0 Too many active sessions for user", false),
            new Row("ACCOUNT_SESSIONS_EXCEEDED", "454 4.7.0 Too many active sessions for account", false),
            new Row(
                    "IP_SESSIONS_EXCEEDED",
                    "454 4.7.0 Too many active sessions for IP address. Please retry later.",
                    true),
            new Row("SENDER_SYNTAX", "501 5.5.4 Bad sender address syntax", false),
            new Row("RECIPIENT_SYNTAX", "501 5.5.4 Recipient rejected: bad recipient address syntax", false),
            new Row("MESSAGE_TOO_LARGE", "523 5.3.4 Message size exceeds fixed maximum message size", false),
            new Row("MIME_INVALID", "550 5.6.0 Failed to parse MIME structure", false),
            new Row("FROM_MULTIPLE", "554 5.6.0 Multiple header From: addresses is not supported", false),
            new Row(
                    "FROM_DOMAIN_MISMATCH",
                    "554 5.6.0 Header From: address domain does not match authenticated user domain",
                    false),
            new Row("DOMAIN_NOT_AUTHENTICATED", "550 5.6.0 The domain is not correctly authenticated", false),
            new Row("UPSTREAM_RELAY_FAILED", "421 4.4.2 Temporary local problem: unable to relay message", true),
            new Row(
                    "UPSTREAM_UNREACHABLE",
                    "421 4.4.2 Temporary local problem: unable to connect to upstream relay",
                    true),
            new Row("INACTIVITY", "421 4.7.0 Closing connection due to inactivity", true),
            new Row("SESSION_LIFETIME", "421 4.7.0 Session lifetime exceeded, closing connection", true),
            new Row("TOO_MANY_MESSAGES", "421 4.7.0 Too many messages per session, closing connection", true));

    static Stream<Row> contract() {
        return CONTRACT.stream();
    }

    @Test
    void contractIsTheFirst22RowsInOrder() {
        assertThat(CONTRACT).hasSize(22);
        assertThat(StandardReply.values())
                .filteredOn(row -> row.part() == StandardReply.Part.CONTRACT)
                .extracting(Enum::name)
                .containsExactlyElementsOf(CONTRACT.stream().map(Row::id).toList());
        assertThat(StandardReply.values())
                .extracting(Enum::name)
                .startsWith(CONTRACT.stream().map(Row::id).toArray(String[]::new));
    }

    @ParameterizedTest
    @MethodSource("contract")
    void contractRowIsExactToTheOctet(Row row) {
        StandardReply standard = StandardReply.valueOf(row.id);
        Reply reply = standard == StandardReply.TOO_MANY_RECIPIENTS ? standard.reply(50) : standard.reply();
        assertThat(wire(reply)).isEqualTo(row.wire + "\r\n");
        assertThat(reply.code()).isEqualTo(Integer.parseInt(row.wire.substring(0, 3)));
        assertThat(reply.closes()).as("closes").isEqualTo(row.closes);
        assertThat(standard.closes()).as("row closes").isEqualTo(row.closes);
        assertThat(reply.standard()).contains(standard);
    }

    @ParameterizedTest
    @EnumSource
    void everyRowIsWellFormed(StandardReply row) {
        assertThat(row.code()).isBetween(200, 559);
        row.enhancedStatus()
                .ifPresent(status -> assertThat(status.statusClass()).isEqualTo(row.code() / 100));
        assertThat(row.wireText()).matches("[2-5][0-9]{2} [ -~]+").startsWith(row.code() + " ");
        assertThat(row.retryable()).isEqualTo(row.code() < 500 && row.code() >= 400);
        assertThat(row.meaning()).isNotBlank().doesNotEndWith(".");
        assertThat(row.advice()).isNotBlank().doesNotEndWith(".");
    }

    /** RFC 2034 section 4: every 2xx, 4xx and 5xx but for the greeting and the replies to HELO and EHLO. */
    @ParameterizedTest
    @EnumSource
    void carriesAnEnhancedStatusWhereRfc2034HasOne(StandardReply row) {
        boolean exempt = row == StandardReply.GREETING || row == StandardReply.HELLO || row.code() / 100 == 3;
        assertThat(row.enhancedStatus().isPresent()).isEqualTo(!exempt);
    }

    private static final Set<StandardReply> OTHERS_THAT_CLOSE =
            EnumSet.of(StandardReply.IP_SESSIONS_EXCEEDED, StandardReply.LINE_WITHOUT_CRLF);

    /** RFC 5321 section 3.8: 421 is for closing; no other reply but 221, one in place of a greeting and one to smuggling is. */
    @ParameterizedTest
    @EnumSource
    void only421And221AndRepliesToWhomNobodyTalksOnClose(StandardReply row) {
        assertThat(row.closes()).isEqualTo(row.code() == 421 || row.code() == 221 || OTHERS_THAT_CLOSE.contains(row));
    }

    @ParameterizedTest
    @EnumSource
    void aRowWithoutParametersIsOneReply(StandardReply row) {
        if (parameters(row) == 0) {
            assertThat(row.reply()).isSameAs(row.reply());
            assertThat(wire(row.reply())).isEqualTo(row.wireText() + "\r\n");
        } else {
            assertThatIllegalArgumentException().isThrownBy(row::reply).withMessageContaining(row.name());
        }
    }

    @ParameterizedTest
    @EnumSource
    void tooManyArgumentsAreRefused(StandardReply row) {
        Object[] arguments = new Object[parameters(row) + 1];
        Arrays.fill(arguments, "x");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> row.reply(arguments))
                .withMessageContaining(row.name());
    }

    @Test
    void parametersAreFilledInOrder() {
        assertThat(wire(StandardReply.GREETING.reply("relay.test", "Postern")))
                .isEqualTo("220 relay.test ESMTP Postern ready\r\n");
        assertThat(wire(StandardReply.TOO_MANY_RECIPIENTS.reply(7)))
                .isEqualTo("452 4.5.3 Too many recipients (max 7 per message)\r\n");
        assertThat(wire(StandardReply.CHUNK_OK.reply(86L))).isEqualTo("250 2.0.0 86 octets received\r\n");
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void noArgumentCanSpoilAReply(String argument) {
        for (StandardReply row : StandardReply.values()) {
            if (parameters(row) > 0) {
                Object[] arguments = new Object[parameters(row)];
                Arrays.fill(arguments, argument);
                String wire = wire(row.reply(arguments));
                assertThat(wire).matches("[2-5][0-9]{2} [ -~]*\r\n");
                assertThat(wire.length()).isLessThanOrEqualTo(512);
                assertThat(wire)
                        .startsWith(row.wireText().substring(0, row.wireText().indexOf('{')));
            }
        }
    }

    static Stream<String> hostile() {
        return Stream.of(
                "",
                "ok\r\n250 2.0.0 Ok: relayed",
                "\n",
                "\r",
                "\0",
                "\u007f\u001b[2J",
                "gr\u00fc\u00dfe \u20ac \ud83d\ude00",
                "\u2028\u2029\u0085",
                "{host}",
                "$1 \\1 ${name}",
                "x".repeat(5000));
    }

    @Test
    void anArgumentIsNoTemplateItself() {
        assertThat(StandardReply.GREETING.reply("{name}", "$0").lines()).containsExactly("{name} ESMTP $0 ready");
    }

    @ParameterizedTest
    @MethodSource("contract")
    void matchesItsOwnTextAndNoOther(Row row) {
        int code = Integer.parseInt(row.wire.substring(0, 3));
        String text = row.wire.substring(4);
        assertThat(StandardReply.values())
                .filteredOn(candidate -> candidate.matches(code, text))
                .extracting(Enum::name)
                .containsExactly(row.id);
        StandardReply standard = StandardReply.valueOf(row.id);
        assertThat(standard.matches(code + 1, text)).as("other code").isFalse();
        assertThat(standard.matches(code, text.substring(6))).as("no status").isFalse();
        assertThat(standard.matches(code, code / 100 + ".9.9" + text.substring(5)))
                .as("other status")
                .isFalse();
        assertThat(standard.matches(code, text + " and more")).as("more").isFalse();
        assertThat(standard.matches(code, text.toUpperCase(java.util.Locale.ROOT)))
                .as("other case")
                .isFalse();
    }

    @Test
    void matchesWhateverTheParameters() {
        assertThat(StandardReply.TOO_MANY_RECIPIENTS.matches(452, "4.5.3 Too many recipients (max 3 per message)"))
                .isTrue();
        assertThat(StandardReply.TOO_MANY_RECIPIENTS.matches(452, "4.5.3 Too many recipients (max 3 a message)"))
                .isFalse();
        assertThat(StandardReply.HELLO.matches(250, "relay.test")).isTrue();
        assertThat(StandardReply.HELLO.matches(250, "2.0.0 Ok"))
                .as("a reply with a status is no HELLO")
                .isFalse();
    }

    private static int parameters(StandardReply row) {
        return row.text().split("\\{", -1).length - 1;
    }

    static String wire(Reply reply) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            reply.writeTo(out);
            assertThat(out.size()).isEqualTo(reply.wireLength());
            return out.toString(StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
