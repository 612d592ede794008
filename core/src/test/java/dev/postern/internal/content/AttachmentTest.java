package dev.postern.internal.content;

import static dev.postern.internal.content.Fixture.octets;
import static dev.postern.internal.content.Fixture.origin;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import dev.postern.spi.StandardReply;
import dev.postern.tools.OnAnyJdk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class AttachmentTest {

    private static final MessageRules RULES = MessageRules.defaults().without(Check.FROM);
    private static final String INVALID = "550 5.6.0 Failed to parse MIME structure";

    private static final byte[] PDF = octets("%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n1 0 obj\n<<>>\nendobj\n");
    private static final byte[] PLAIN_PDF = octets("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n");
    private static final byte[] EXE = binary("4d5a90000300000004000000ffff0000b800000000000000400000000000000000");
    private static final byte[] BIG_TIFF = binary("49492b00080000001000000000000000");
    private static final byte[] WAV = octets("RIFF$\0\0\0WAVEfmt \20\0\0\0\1\0");
    private static final byte[] PNG = binary("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489");
    private static final byte[] JPEG = binary("ffd8ffe000104a46494600010100000100010000ffdb0043000302020302");
    private static final byte[] GIF = octets("GIF89a\1\0\1\0\u0080\0\0");
    private static final byte[] OLE2 = binary("d0cf11e0a1b11ae1000000000000000000000000000000003e000300feff0900");
    private static final byte[] ZIP = zip("any.txt");
    private static final byte[] DOCX = zip("[Content_Types].xml", "word/document.xml");
    private static final byte[] ODT = zip("mimetype", "content.xml");
    private static final byte[] GZIP = gzip();
    private static final byte[] RTF = octets("{\\rtf1\\ansi x}");
    private static final byte[] HTML = octets("<!DOCTYPE html><html><body>x</body></html>");
    private static final byte[] XML = octets("<?xml version=\"1.0\"?><Workbook/>");
    private static final byte[] TEXT = octets("Just some text.\r\nAnother line.\r\n");
    private static final byte[] MP4 = binary("00000020667479706d703432000000006d70343269736f6d");
    private static final byte[] RANDOM = binary("9c01f7e30b8812aa5d90c4017f33e0d21188ab04c9e7");
    private static final byte[] ELF = binary("7f454c4602010100000000000000000003003e0001000000");
    private static final byte[] MACH_O = binary("cffaedfe0700000103000000020000001000000058020000");
    private static final byte[] SCRIPT = octets("#!/bin/sh\necho\n");
    private static final byte[] EMPTY = {};

    /** Octets that go on as binary content does. */
    private static byte[] binary(String hex) {
        byte[] head = HexFormat.of().parseHex(hex);
        byte[] all = new byte[1024];
        System.arraycopy(head, 0, all, 0, head.length);
        return all;
    }

    private static byte[] zip(String... entries) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String entry : entries) {
                zip.putNextEntry(new ZipEntry(entry));
                zip.write(octets("content"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] gzip() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(octets("content"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static String attachment(String fields, byte[] content) {
        String body = Base64.getMimeEncoder().encodeToString(content);
        return "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee there\r\n--b\r\n" + fields
                + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body + "\r\n--b--\r\n";
    }

    private static String named(String name, byte[] content) {
        return attachment("Content-Disposition: attachment; filename=\"" + name + "\"", content);
    }

    private static void assertPasses(String message) {
        var result = Fixture.send(RULES, message);
        assertThat(result.reply().toString() + result.detail())
                .isEqualTo(StandardReply.NOOP_OK.reply().toString());
    }

    private static void assertRefused(String message) {
        var result = Fixture.send(RULES, message);
        assertThat(result.reply()).hasToString(INVALID);
        assertThat(result.detail()).contains("name says ");
        assertThat(Fixture.send(RULES, octets(message), 1, origin())).isEqualTo(result);
        assertThat(Fixture.send(RULES.without(Check.ATTACHMENTS), message).passed())
                .isTrue();
        assertThat(Fixture.send(RULES.without(Check.MIME), message).reply()).hasToString(INVALID);
    }

    static Stream<Arguments> honest() {
        return Stream.of(
                Arguments.of("a.pdf", PDF),
                Arguments.of("A.PDF", PDF),
                Arguments.of("a.pdf", PLAIN_PDF),
                Arguments.of("a.png", PNG),
                Arguments.of("a.jpg", JPEG),
                Arguments.of("a.jpeg", JPEG),
                Arguments.of("a.gif", GIF),
                Arguments.of("a.exe", EXE),
                Arguments.of("a.dll", EXE),
                Arguments.of("a.zip", ZIP),
                Arguments.of("a.docx", DOCX),
                Arguments.of("a.xlsx", DOCX),
                Arguments.of("a.pptx", DOCX),
                Arguments.of("a.docx", OLE2), // encrypted
                Arguments.of("a.docx", ZIP),
                Arguments.of("a.odt", ZIP),
                Arguments.of("a.epub", ZIP),
                Arguments.of("a.pages", ZIP),
                Arguments.of("a.odt", ODT),
                Arguments.of("a.jar", ZIP),
                Arguments.of("a.apk", ZIP),
                Arguments.of("a.docx", zip("word/document.xml", "[Content_Types].xml")),
                Arguments.of("a.docx", zip("word\\media\\1.png")),
                Arguments.of("a.odt", zip("META-INF/manifest.xml", "content.xml")),
                Arguments.of("a.epub", ODT),
                Arguments.of("a.pages", zip("Index/Document.iwa")),
                Arguments.of("a.kmz", ZIP),
                Arguments.of("a.doc", OLE2),
                Arguments.of("a.xls", OLE2),
                Arguments.of("a.ppt", OLE2),
                Arguments.of("a.msg", OLE2),
                Arguments.of("a.doc", RTF),
                Arguments.of("a.doc", XML),
                Arguments.of("a.xls", XML),
                Arguments.of("a.rtf", RTF),
                // families
                Arguments.of("a.png", JPEG),
                Arguments.of("a.jpg", PNG),
                Arguments.of("a.gif", JPEG),
                Arguments.of("a.doc", HTML),
                Arguments.of("a.doc", DOCX),
                Arguments.of(
                        "a.doc", octets("MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n")),
                Arguments.of("a.xls", HTML),
                Arguments.of("a.xls", DOCX),
                Arguments.of("a.xls", octets("a;b\r\n1;2\r\n")),
                Arguments.of("a.msg", TEXT),
                Arguments.of("a.log", TEXT),
                // programs and scripts under their own names
                Arguments.of("a.sh", SCRIPT),
                Arguments.of("a.py", SCRIPT),
                Arguments.of("a.pl", SCRIPT),
                Arguments.of("a.so", ELF),
                Arguments.of("a.txt", octets("#! no path behind it")),
                Arguments.of("a.gz", GZIP),
                Arguments.of("a.tar.gz", GZIP),
                Arguments.of("a.tgz", GZIP),
                Arguments.of("a.svg", octets("<svg xmlns=\"http://www.w3.org/2000/svg\"/>")),
                Arguments.of("a.svgz", GZIP),
                Arguments.of("a.xml", XML),
                Arguments.of("a.html", HTML),
                Arguments.of("a.html", TEXT),
                Arguments.of("a.txt", TEXT),
                Arguments.of("a.txt", HTML),
                Arguments.of("a.txt", octets("MZ is a text, and BM as well")),
                Arguments.of("a.txt", "\ufeff\u00e4".getBytes(StandardCharsets.UTF_16LE)),
                Arguments.of("a.txt", octets("\u00e4\u00f6\u00fc latin")),
                Arguments.of("a.csv", octets("a;b\r\n1;2\r\n")),
                Arguments.of("a.json", octets("{}")),
                Arguments.of("a.ics", octets("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")),
                Arguments.of("a.eml", octets("X-Odd: first\r\n\r\nbody")),
                Arguments.of("a.sh", octets("echo\n")),
                Arguments.of("a.mp4", MP4),
                Arguments.of("a.m4a", MP4),
                Arguments.of("a.mov", MP4),
                Arguments.of("a.3gp", MP4),
                Arguments.of("smime.p7s", RANDOM),
                Arguments.of("smime.p7m", RANDOM),
                Arguments.of("signature.asc", octets("-----BEGIN PGP SIGNATURE-----\n")),
                Arguments.of("cert.pem", octets("-----BEGIN PRIVATE KEY-----\n")),
                Arguments.of("server.key", octets("-----BEGIN PRIVATE KEY-----\n")),
                Arguments.of("id_rsa.pub", octets("ssh-rsa AAAA\n")),
                Arguments.of("graph.dot", octets("digraph {}\n")),
                Arguments.of("mail from alice@example.com", TEXT),
                // neither extension nor signature to go by
                Arguments.of("a.unknownextension", RANDOM),
                Arguments.of("a.xyzzy", EXE),
                Arguments.of("a.bin", EXE),
                Arguments.of("a.dat", RANDOM),
                Arguments.of("README", RANDOM),
                Arguments.of(".", RANDOM),
                Arguments.of("a.", RANDOM),
                Arguments.of("paper.pdf", binary("00051607000200004d6163204f53205800")), // AppleDouble
                Arguments.of("a.tif", BIG_TIFF),
                Arguments.of("a.wav", WAV),
                Arguments.of("a.gnumeric", binary("1f8b0800000000000003")),
                Arguments.of("a.nc", binary("894844460d0a1a0a00")),
                Arguments.of("a.dta", binary("7202010069000000")),
                Arguments.of("a.vhd", octets("conectix\0\0\0\2")),
                // nothing there
                Arguments.of("a.pdf", EMPTY),
                Arguments.of("a.exe", EMPTY));
    }

    @ParameterizedTest
    @MethodSource("honest")
    void passesAttachmentThatIsWhatItSays(String name, byte[] content) {
        assertPasses(named(name, content));
    }

    static Stream<Arguments> ofTheFamily() {
        return Stream.of(
                Arguments.of("a.png", JPEG),
                Arguments.of("a.png", BIG_TIFF),
                Arguments.of("a.mp3", WAV),
                Arguments.of("a.mp4", WAV),
                Arguments.of("a.wav", octets("OggS\0\2")),
                Arguments.of("a.mp4", binary("1a45dfa39f4286810142f7810142f2810442f381084282847765626d")),
                Arguments.of("a.mp3", octets(".RMF\0\0\0\22\0\0")),
                Arguments.of("a.doc", HTML),
                Arguments.of("a.doc", RTF),
                Arguments.of("a.doc", DOCX),
                Arguments.of("a.xls", DOCX),
                Arguments.of("a.xls", XML),
                Arguments.of("a.xls", octets("a;b\r\n1;2\r\n")),
                Arguments.of("a.msg", TEXT),
                Arguments.of("a.docx", ZIP),
                Arguments.of("a.docx", ODT),
                Arguments.of("a.odt", ZIP),
                Arguments.of("a.odt", DOCX),
                Arguments.of("a.epub", ZIP),
                Arguments.of("a.pages", ZIP));
    }

    @ParameterizedTest
    @MethodSource("ofTheFamily")
    void refusesTheFamilyByChoice(String name, byte[] content) {
        assertPasses(named(name, content));
        var strict = Fixture.send(RULES.with(Check.EXACT_FORMATS), named(name, content));
        assertThat(strict.reply()).hasToString(INVALID);
        assertThat(strict.detail()).contains("name says ");
    }

    static Stream<Arguments> liars() {
        return Stream.of(
                Arguments.of("a.pdf", TEXT),
                Arguments.of("a.pdf", RANDOM),
                Arguments.of("a.pdf", HTML),
                Arguments.of("a.pdf", EXE),
                Arguments.of("a.PdF", EXE),
                Arguments.of("a.pdf", ZIP),
                Arguments.of("a.pdf.", EXE),
                Arguments.of("a.pdf . ", EXE),
                Arguments.of("a.exe.pdf", EXE),
                Arguments.of("a.pdf", octets("MZ" + "\0".repeat(100) + "%PDF-1.7\n")),
                Arguments.of("a.jpg", octets("MZ" + "\0".repeat(100))),
                Arguments.of("a.png", octets("<svg xmlns=\"http://www.w3.org/2000/svg\"/>")),
                Arguments.of("a.jpg", EXE),
                Arguments.of("a.gif", TEXT),
                Arguments.of("a.docx", EXE),
                Arguments.of("a.docx", PDF),
                Arguments.of("a.docx", TEXT),
                Arguments.of("a.doc", EXE),
                Arguments.of("a.doc", TEXT),
                Arguments.of("a.doc", ZIP),
                Arguments.of("a.xls", TEXT),
                Arguments.of("a.xls", ZIP),
                Arguments.of("a.txt", SCRIPT),
                Arguments.of("a.csv", SCRIPT),
                Arguments.of("a.html", SCRIPT),
                Arguments.of("a.log", SCRIPT),
                Arguments.of("a.jpg", SCRIPT),
                Arguments.of("a.mp3", SCRIPT),
                Arguments.of("a.wav", PNG),
                Arguments.of("a.png", WAV),
                Arguments.of("a.pdf", WAV),
                Arguments.of("a.txt", ELF),
                Arguments.of("a.pdf", ELF),
                Arguments.of("a.jpg", ELF),
                Arguments.of("a.wav", ELF),
                Arguments.of("a.pdf", MACH_O),
                Arguments.of("a.txt", MACH_O),
                Arguments.of("a.gif", ZIP),
                Arguments.of("a.mp3", ZIP),
                Arguments.of("a.msg", EXE),
                Arguments.of("a.log", EXE),
                Arguments.of("a.log", ZIP),
                Arguments.of("a.zip", TEXT),
                Arguments.of("a.zip", EXE),
                Arguments.of("a.jar", PDF),
                Arguments.of("a.odt", OLE2),
                Arguments.of("a.gz", ZIP),
                Arguments.of("a.mp4", EXE),
                Arguments.of("a.mp3", EXE),
                Arguments.of("a.exe", PDF),
                Arguments.of("a.txt", PDF),
                Arguments.of("a.txt", PLAIN_PDF),
                Arguments.of("a.txt", EXE),
                Arguments.of("a.txt", ZIP),
                Arguments.of("a.csv", PNG),
                Arguments.of("a.html", EXE),
                Arguments.of("a.xml", OLE2),
                Arguments.of("a.svg", EXE),
                Arguments.of("a.key", EXE),
                Arguments.of("a.p7s", EXE),
                Arguments.of("a.com", PDF));
    }

    @ParameterizedTest
    @MethodSource("liars")
    void refusesAttachmentThatIsNotWhatItSaysWith550(String name, byte[] content) {
        assertRefused(named(name, content));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: application/pdf; name=a.pdf",
                "Content-Type: application/octet-stream; name=\"a.pdf\"",
                "Content-Type: text/plain; NAME=\"a.pdf\"",
                "Content-Type: junk; name=\"a.pdf\"",
                "Content-Disposition: inline; filename=a.pdf",
                "Content-Disposition: filename=a.pdf; filename=a.pdf",
                "Content-Disposition: attachment; filename=quarterly report (1).pdf",
                "Content-Disposition: attachment;\r\n\tfilename = \"a.pdf\"",
                "Content-Disposition: attachment; filename=\"a\\\".pdf\"",
                "Content-Disposition: attachme\"t; (x) filename=\"a.pdf\"",
                "Content-Disposition: attachment; filename=\"C:\\dir\\a.pdf\"",
                "Content-Disposition: attachment; filename*=utf-8''%C3%A4.pdf",
                "Content-Disposition: attachment; filename*=UTF-8'de'a%2Epdf",
                "Content-Disposition: attachment; filename*=unknown-charset''a.pdf",
                "Content-Disposition: attachment; filename*=iso-2022-cn''a.pdf",
                "Content-Disposition: attachment; filename*=x-JISAutoDetect''%61.pdf",
                "Content-Disposition: attachment; filename*=\u00e4.pdf",
                "Content-Disposition: attachment; filename*=a.pdf",
                "Content-Disposition: attachment; filename*0=\"a.\"; filename*1=\"pdf\"",
                "Content-Disposition: attachment; filename*1*=df; filename*0*=utf-8''a%2Ep",
                "Content-Disposition: attachment; filename*0*=utf-8''%C3; filename*1*=%A4.p; filename*2=df",
                "Content-Disposition: attachment; filename=\"=?utf-8?B?w6QucGRm?=\"",
                "Content-Disposition: attachment; filename=\"=?utf-8?Q?=C3=A4=2E?= =?utf-8?Q?pdf?=\"",
                "Content-Disposition: attachment; filename==?utf-8?Q?a=2Epdf?=",
                "Content-Disposition: attachment; filename=\"a.txt\"\r\nContent-Type: text/plain; name=\"a.pdf\"",
                "Content-Disposition: attachment; filename=a.txt; filename*=utf-8''a.pdf",
                "Content-Disposition: attachment; filename=a.txt; filename=a.pdf",
                "Content-Disposition: attachment; filename=a.\\pdf",
                "Content-Disposition: attachment; filename*=a.\\pdf",
                "Content-Type: application/octet-stream\r\nContent-Name: a.pdf",
                "Content-Type: application/octet-stream\r\nContent-Name: a.txt;b.pdf",
                "X-Sun-Data-Name: a; =?utf-8?Q?b=2Epdf?=",
                "X-Sun-Data-Name: =?utf-8?Q?a=2Epdf?="
            })
    void findsFileNameHoweverItIsWrittenAndRefusesWith550(String fields) {
        assertRefused(attachment(fields, TEXT));
        assertPasses(attachment(fields.replace("a.txt", "b.pdf"), PDF));
    }

    @Test
    void namesPartAndFileInTheDetail() {
        assertThat(Fixture.send(RULES, named("\u00e4\033.pdf", TEXT)).detail())
                .isEqualTo("part 2 \"??.pdf\": name says PDF, content is text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"7bit", "8bit", "binary", "quoted-printable"})
    void looksAtDecodedContentOfEveryEncodingAndRefusesWith550(String encoding) {
        String head =
                "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n";
        String pdf = encoding.equals("quoted-printable") ? "=25PD=\r\nF-1.4\r\n" : "%PDF-1.4\r\n";
        assertThat(Fixture.send(RULES, head + pdf).passed()).isTrue();
        assertThat(Fixture.send(RULES, head + pdf.replace("PD", "PX")).reply()).hasToString(INVALID);
    }

    @Test
    void takesTheLineEndBeforeADelimiterForNoContent() {
        String part = String.join(
                "\r\n",
                "Content-Type: multipart/mixed; boundary=b",
                "",
                "--b",
                "Content-Disposition: attachment; filename=a.pdf",
                "",
                "");
        assertPasses(part + "\r\n--b--\r\n");
        assertPasses(part + "--b--\r\n");
        assertRefused(part + "\r\n\r\n--b--\r\n");
        String encoded = part.replace(".pdf", ".pdf\r\nContent-Transfer-Encoding: quoted-printable");
        assertPasses(encoded + "\r\n--b--\r\n");
        assertPasses(encoded + "--b--\r\n");
    }

    @Test
    void looksAtAttachmentsInForwardedMessages() {
        String inner = named("a.pdf", EXE);
        assertRefused("Content-Type: message/rfc822\r\n\r\n" + inner);
        assertRefused(
                "Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\nContent-Type: message/rfc822\r\n\r\n"
                        + inner + "--outer--\r\n");
    }

    @Test
    void looksAtLargeAttachmentsOfSeveralPartsWith550() {
        byte[] large = new byte[3_000_000];
        System.arraycopy(PDF, 0, large, 0, PDF.length);
        String good = named("large.pdf", large);
        assertPasses(good);
        assertPasses(good.replace(
                "--b--\r\n",
                "--b\r\nContent-Type: image/png; name=x.png\r\n"
                        + "Content-Transfer-Encoding: base64\r\n\r\n"
                        + Base64.getMimeEncoder().encodeToString(PNG)
                        + "\r\n--b--\r\n"));
        assertRefused(good.replace(
                "--b--\r\n",
                "--b\r\nContent-Type: image/png; name=x.png\r\n"
                        + "Content-Transfer-Encoding: base64\r\n\r\n"
                        + Base64.getMimeEncoder().encodeToString(PDF)
                        + "\r\n--b--\r\n"));
    }
}
