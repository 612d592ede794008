package dev.postern.testkit.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class MessagePartTest {

    private static MessagePart message(String... lines) {
        return MessagePart.parse(String.join("\r\n", lines).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsFieldsUnfoldedAndDecoded() {
        MessagePart message = message(
                "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe_aus?= =?utf-8?B?IEvDtmxu?=",
                "X-Long: one",
                " two",
                "Received: a",
                "received: b",
                "X-Utf8: Gr\u00fc\u00dfe",
                "",
                "body");
        assertThat(message.header("subject")).contains("Gr\u00fc\u00dfe aus K\u00f6ln");
        assertThat(message.header("X-Long")).contains("one two");
        assertThat(message.headers("Received")).containsExactly("a", "b");
        assertThat(message.header("X-Utf8")).contains("Gr\u00fc\u00dfe");
        assertThat(message.header("None")).isEmpty();
        assertThat(message.headerNames()).containsExactly("Subject", "X-Long", "Received", "received", "X-Utf8");
        assertThat(message.text()).isEqualTo("body");
    }

    @Test
    void readsPartsWithinParts() {
        MessagePart message = message(
                "Content-Type: multipart/mixed; boundary=\"outer\"",
                "",
                "preamble",
                "--outer",
                "Content-Type: multipart/alternative; boundary=inner",
                "",
                "--inner",
                "Content-Type: text/plain; charset=iso-8859-1",
                "Content-Transfer-Encoding: quoted-printable",
                "",
                "Gr=FC=DFe =",
                "you",
                "--inner",
                "Content-Type: text/html",
                "",
                "<p>hello",
                "--inner--",
                "--outer",
                "Content-Disposition: attachment; filename*=UTF-8''na%C3%AFve%20file.txt",
                "Content-Transfer-Encoding: base64",
                "",
                Base64.getEncoder().encodeToString("attached".getBytes(StandardCharsets.UTF_8)),
                "--outer--",
                "epilogue");
        assertThat(message.parts()).hasSize(2);
        assertThat(message.leaves())
                .extracting(MessagePart::contentType)
                .containsExactly("text/plain", "text/html", "text/plain");
        assertThat(message.leaves().get(0).text()).isEqualTo("Gr\u00fc\u00dfe you");
        assertThat(message.leaves().get(1).text()).isEqualTo("<p>hello");
        assertThat(message.attachments()).singleElement().satisfies(attachment -> {
            assertThat(attachment.fileName()).contains("na\u00efve file.txt");
            assertThat(attachment.text()).isEqualTo("attached");
        });
    }

    @Test
    void aBodyWithoutHeaderAndAHeaderWithoutBody() {
        assertThat(message("", "body").text()).isEqualTo("body");
        assertThat(message("Subject: x").header("Subject")).contains("x");
        assertThat(message("Subject: x").octets()).isEmpty();
    }

    @Test
    void whatCannotBeReadStaysAsItIs() {
        MessagePart message =
                message("Content-Type: text/plain; charset=nonsense", "Subject: =?x?Q?a?=", "", "b\u00e4");
        assertThat(message.text()).isEqualTo("b\u00e4");
        assertThat(message.header("Subject")).contains("a");
    }
}
