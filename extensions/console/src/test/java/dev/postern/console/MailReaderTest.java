package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is seen of mails that are not as they should be. */
@OnAnyJdk
class MailReaderTest {

    private static MailReader.Mail read(String mail) {
        return MailReader.read(mail.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String text(String charset, String content) {
        return read("Content-Type: text/plain; charset=" + charset + "\r\n\r\n" + content)
                .text()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-charset", "\"\"", "\"a b\"", "\"<script>\"", "us-ascii", "utf-8", "x;charset=y"})
    void aTextInACharsetThatThereIsNotIsShown(String charset) {
        assertThat(text(charset, "hello")).isEqualTo("hello");
    }

    @Test
    void aTextIsShownInItsCharset() {
        assertThat(text("iso-8859-1", "Gr\u00fc\u00dfe")).isEqualTo("Gr\u00fc\u00dfe");
        assertThat(text("utf-8", "\u00ff\u00fe")).isEqualTo("\ufffd\ufffd");
    }

    @ParameterizedTest
    @CsvSource({
        "=?utf-8?q?Gr=C3=BC=C3=9Fe?=, Gr\u00fc\u00dfe",
        "=?no-such?q?a?=, =?no-such?q?a?=",
        "a\u0007b, a\ufffdb",
        "=?utf-8?q?a=E2=80=AEb?=, a\ufffdb",
    })
    void aFieldIsOneLineWithoutControls(String value, String shown) {
        assertThat(read("Subject: " + value + "\r\n\r\n").fields())
                .containsExactly(new MailReader.HeaderField("Subject", shown));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "filename=\"a.txt\" | a.txt",
                "filename*=utf-8''%C3%BC.txt | \u00fc.txt",
                "filename*0=\"a\"; filename*1=\"b.txt\" | ab.txt",
                "filename=\"=?utf-8?q?=C3=BC.txt?=\" | \u00fc.txt",
                "filename=\"../../etc/passwd\" | ../../etc/passwd",
                "filename*=no-such''%ZZ | %ZZ"
            })
    void aNameIsShownAsItIs(String parameter, String name) {
        MailReader.Mail mail = read("Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                + "--b\r\nContent-Disposition: attachment; " + parameter + "\r\n\r\nx\r\n--b--\r\n");
        assertThat(mail.attachments())
                .extracting(MailReader.Attachment::name, MailReader.Attachment::size)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(name, 1L));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.txt | part-3-a.txt",
                "../../etc/passwd | part-3-passwd",
                "C:\\Windows\\x.exe | part-3-x.exe",
                ".bashrc | part-3-bashrc",
                "a\";x=\"b.html | part-3-a_x_b.html",
                "\u202egnp.exe | part-3-gnp.exe",
                "... | part-3",
                "CON | part-3-CON",
                "'a\r\nSet-Cookie: b=c.txt' | part-3-a_b_c.txt",
                "a\0.exe | part-3-a_.exe",
                "%2e%2e%2fetc%2fpasswd | part-3-2e_2e_2fetc_2fpasswd",
                "..%c0%af..%c0%afx.sh | part-3-c0_af.._c0_afx.sh",
                "file:///etc/passwd | part-3-passwd",
                "-rf | part-3-rf",
                "$(id).txt | part-3-id_.txt",
                "x.txt::$DATA | part-3-DATA",
                "\uff0e\uff0e\uff0fx.txt | part-3-x.txt",
                "x.txt. . | part-3-x.txt"
            })
    void aFilesNameIsSafe(String name, String safe) {
        assertThat(MailPages.safeName(name, 3)).isEqualTo(safe);
        assertThat(MailPages.safeName("x".repeat(1000) + ".txt", 3))
                .hasSizeLessThan(120)
                .endsWith(".txt");
    }

    @Test
    void picturesAreFoundByTheirContentId() {
        String png = Base64.getEncoder().encodeToString(Hostile.PNG);
        String part =
                "--b\r\nContent-Type: image/svg+xml\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <%s>\r\n\r\n%s\r\n";
        MailReader.Html mail = html("Content-Type: multipart/related; boundary=b\r\n\r\n"
                + "--b\r\nContent-Type: text/html\r\n\r\n<img src=cid:a>\r\n"
                + part.formatted("a", png)
                + part.formatted("a", "PHN2Zz4=")
                + part.formatted("script", "PHNjcmlwdD4=")
                + part.formatted("cut", "iVBORw0KGgo=")
                + "--b\r\nContent-Type: image/png\r\n\r\nwithout a name\r\n--b--\r\n");
        assertThat(mail.pictures()).containsOnlyKeys("a");
        assertThat(mail.pictures().values()).extracting(Picture::type).containsExactly("image/png");
    }

    @Test
    void picturesAreKeptWithinTheirBounds() {
        String large = new String(Hostile.PNG, StandardCharsets.ISO_8859_1) + "\0".repeat(3 << 20);
        StringBuilder mail = new StringBuilder(
                "Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\nx\r\n");
        for (int i = 0; i < 5; i++) {
            mail.append("--b\r\nContent-ID: <").append(i).append(">\r\nContent-Type: image/png\r\n");
            mail.append("Content-Transfer-Encoding: binary\r\n\r\n")
                    .append(large)
                    .append("\r\n");
        }
        assertThat(html(mail.append("--b--\r\n").toString()).pictures()).containsOnlyKeys("0", "1");
    }

    private static MailReader.Html html(String mail) {
        return MailReader.html(mail.getBytes(StandardCharsets.ISO_8859_1)).orElseThrow();
    }

    @Test
    void tenThousandAttachmentsAreCountedAndFewAreListed() {
        MailReader.Mail mail = read(Hostile.attachments(10_000));
        assertThat(mail.attached()).isEqualTo(10_000);
        assertThat(mail.attachments()).hasSize(500);
        assertThat(mail.isCut()).isFalse();
        assertThat(read(Hostile.attachments(30_000)).isCut()).isTrue();
    }

    @Test
    void whatIsNestedTooDeepIsNotRead() {
        StringBuilder mail = new StringBuilder("Subject: deep\r\n");
        for (int i = 0; i < 5000; i++) {
            mail.append("Content-Type: multipart/mixed; boundary=b")
                    .append(i)
                    .append("\r\n\r\n--b")
                    .append(i)
                    .append("\r\n");
        }
        MailReader.Mail read = read(mail.toString());
        assertThat(read.isCut()).isTrue();
        assertThat(read.fields()).extracting(MailReader.HeaderField::value).contains("deep");
    }

    @Test
    void longTextsAndFieldsAreCut() {
        MailReader.Mail mail = read(
                "Subject: " + "s".repeat(100_000) + "\r\n" + "X: y\r\n".repeat(5000) + "\r\n" + "t".repeat(3 << 20));
        assertThat(mail.isCut()).isTrue();
        assertThat(mail.text().orElseThrow()).hasSize(1 << 20);
        assertThat(mail.fields()).hasSize(1000);
        assertThat(mail.fields().get(0).value()).hasSize(4001);
    }

    /** Whatever the octets are, something is shown and nothing is thrown. */
    @Test
    void anyOctetsAreRead() {
        Random random = new Random(19);
        byte[] whole = ("Subject: x\r\n" + Hostile.mail("http://127.0.0.1:9")).getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 100; round++) {
            byte[] octets = whole.clone();
            for (int i = 0; i < 1 + round / 10; i++) {
                octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
            }
            MailReader.Mail mail = MailReader.read(octets);
            MailReader.html(octets).ifPresent(MailHtml::document);
            assertThat(MailReader.summary(octets).attachments()).isEqualTo(mail.attached());
        }
        for (String odd : List.of("", "\r\n", ":", "\0", "Content-Type: multipart/mixed\r\n\r\n--\r\n", "--b--")) {
            assertThat(read(odd).attachments()).as(odd).isEmpty();
        }
    }
}
