package dev.postern.corpus;

import static dev.postern.corpus.Sample.FROM;

import dev.postern.spi.StandardReply;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** What attackers and broken programs send, with the row of the catalogue that each gets. */
final class Samples {

    private static final String MIXED = FROM + "Content-Type: multipart/mixed; boundary=b||{pad}";
    private static final String EXE = "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private static final String BASE64_TEXT =
            "Content-Disposition: attachment; filename=a.txt|Content-Transfer-Encoding: base64";
    private static final String TEXT_BODY = "||{pad}hello|";

    private Samples() {}

    private static Arguments refused(StandardReply row, String name, String template) {
        return Arguments.of(Sample.of(name, template), row);
    }

    private static Arguments malformed(String name, String template) {
        return refused(StandardReply.MIME_INVALID, name, template);
    }

    private static String attachment(String fields, String body) {
        return MIXED + "--b||see there|--b|" + fields + "||" + body + "|--b--|";
    }

    private static String exeAs(String disposition) {
        return attachment(disposition + "|Content-Transfer-Encoding: base64", EXE);
    }

    /** One or two of each row, for what costs time: also as large as allowed. */
    static Stream<Arguments> oneOfEachKind() {
        return Stream.of(
                malformed("an unterminated multipart", MIXED + "--b||x|"),
                malformed("a program as a document", exeAs("Content-Disposition: attachment; filename=a.pdf")),
                malformed("undecodable base64 in a part", attachment(BASE64_TEXT, "QUJ*")),
                Arguments.of(
                        Sample.base64("undecodable base64 at the end", FROM + BASE64_TEXT + "||{pad}Q|"),
                        StandardReply.MIME_INVALID),
                malformed("a header line that is no field", FROM + "rubbish" + TEXT_BODY),
                refused(StandardReply.FROM_MISSING, "no author", "Subject: x" + TEXT_BODY),
                refused(StandardReply.FROM_MULTIPLE, "two From: fields", FROM + FROM + "X: y" + TEXT_BODY),
                refused(
                        StandardReply.FROM_DOMAIN_MISMATCH,
                        "an author of a foreign domain",
                        "From: eve@foreign.test" + TEXT_BODY),
                refused(
                        StandardReply.DOMAIN_NOT_AUTHENTICATED,
                        "a domain that is not validated",
                        "From: alice@unready.test" + TEXT_BODY),
                refused(
                        StandardReply.ROUTING_LOOP,
                        "a loop",
                        "Received: from x by y; z|".repeat(51) + FROM + "X: y" + TEXT_BODY),
                refused(StandardReply.BARE_LINE_ENDINGS, "a lone CR", FROM + TEXT_BODY + "a\rb|"),
                refused(StandardReply.BARE_LINE_ENDINGS, "a NUL", FROM + TEXT_BODY + "a\0b|"));
    }

    static Stream<Arguments> hostile() {
        return Stream.concat(oneOfEachKind(), Stream.concat(brokenStructure(), Stream.concat(liars(), authors())));
    }

    private static Stream<Arguments> brokenStructure() {
        return Stream.of(
                malformed("no boundary", FROM + "Content-Type: multipart/mixed||{pad}x|"),
                malformed("a boundary that never comes", FROM + "Content-Type: multipart/mixed; boundary=b||{pad}x|"),
                malformed("only the end", MIXED + "--b--|"),
                malformed(
                        "two boundaries to choose from",
                        FROM
                                + "Content-Type: multipart/mixed; boundary=a; boundary=b||{pad}--a||x|--a--|--b||y|--b--|"),
                malformed(
                        "two content types",
                        FROM
                                + "Content-Type: text/plain|Content-Type: multipart/mixed; boundary=b||{pad}--b||x|--b--|"),
                malformed(
                        "two encodings",
                        FROM + "Content-Transfer-Encoding: 7bit|Content-Transfer-Encoding: base64||{pad}QQ==|"),
                malformed(
                        "an inner multipart that the outer one cuts off",
                        MIXED + "--b|Content-Type: multipart/mixed; boundary=c||--c||x|--b--|"),
                malformed("nested too deep", nested(51)),
                malformed("nested a thousand deep", nested(1000)),
                malformed("forwards in forwards", FROM + "Content-Type: message/rfc822||".repeat(60) + "{pad}x|"),
                malformed("too many parts", MIXED + "--b||".repeat(1001) + "--b--|"),
                malformed("a hundred thousand parts", MIXED + "--b|".repeat(100_000) + "--b--|"),
                malformed("too many fields", FROM + "X: y|".repeat(2000) + "|{pad}x|"),
                malformed("a header of megabytes", FROM + ("X: " + "y".repeat(900) + "|").repeat(1500) + "|{pad}x|"),
                malformed(
                        "a field of megabytes", FROM + "X:" + (" " + "y".repeat(900) + "|").repeat(1500) + "|{pad}x|"),
                malformed("too many fields of a part", MIXED + "--b|" + "X: y|".repeat(2001) + "|x|--b--|"),
                malformed(
                        "a content type of kilobytes",
                        FROM + "Content-Type: text/plain; name=\"" + "n".repeat(9000) + "\"||{pad}x|"),
                malformed("a blank before the colon", "From : alice@client.test|" + FROM + "|{pad}x|"),
                malformed("a mailbox line first", "From alice Thu Jan 15 12:00:00 2026|" + FROM + "|{pad}x|"),
                malformed("a folded first line", " " + FROM + FROM + "|{pad}x|"),
                malformed("no header at all", "hello|{pad}"),
                malformed("padding in the middle", FROM + BASE64_TEXT + "||QQ==QQ==|{pad}"),
                malformed("text behind the padding", FROM + BASE64_TEXT + "||QQ==|footer|{pad}"),
                malformed(
                        "more names of an attachment than any program writes",
                        attachment("Content-Disposition: attachment" + names(21), "x")),
                malformed("a delimiter that is padded for ever", MIXED + "--b" + " ".repeat(3000) + "||x|--b--|"));
    }

    private static String names(int count) {
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < count; i++) {
            names.append("; filename=a").append(i).append(".txt");
        }
        return names.toString();
    }

    private static String nested(int depth) {
        StringBuilder message = new StringBuilder(FROM);
        for (int i = 0; i < depth; i++) {
            message.append("Content-Type: multipart/mixed; boundary=b")
                    .append(i)
                    .append("||--b")
                    .append(i)
                    .append('|');
        }
        message.append("|{pad}x|");
        for (int i = depth - 1; i >= 0; i--) {
            message.append("--b").append(i).append("--|");
        }
        return message.toString();
    }

    private static Stream<Arguments> liars() {
        return Stream.of(
                        "Content-Disposition: attachment; filename=\"a.PDF\"",
                        "Content-Disposition: attachment; filename=\"a.exe.pdf\"",
                        "Content-Disposition: attachment; filename=\"a.pdf. . \"",
                        "Content-Disposition: attachment; filename=a b c.pdf",
                        "Content-Type: application/pdf; name=a.pdf",
                        "Content-Type: application/octet-stream; name=a.jpg",
                        "Content-Disposition: attachment; filename=a.exe; filename=a.pdf",
                        "Content-Disposition: attachment; filename=a.exe|Content-Type: x/y; name=a.pdf",
                        "Content-Disposition: attachment; filename*=utf-8''a%2epdf",
                        "Content-Disposition: attachment; filename*0=a.p; filename*1=df",
                        "Content-Disposition: attachment; filename*1*=df; filename*0*=utf-8''a%2Ep",
                        "Content-Disposition: attachment; filename=a.exe; filename*=utf-8''a.pdf",
                        "Content-Disposition: attachment; filename=\"=?utf-8?Q?a=2Epdf?=\"",
                        "Content-Disposition: attachment; filename=\"=?utf-8?B?YS5wZGY=?=\"",
                        "Content-Disposition: (c) attachment; (c) filename (c) = \"a.pdf\"",
                        "CONTENT-DISPOSITION:|\tattachment;|\tFILENAME=|\ta.pdf",
                        "Content-Disposition: attachment; filename=a.txt",
                        "Content-Disposition: attachment; filename=a.docx",
                        "Content-Disposition: attachment; filename=a.mp4",
                        "Content-Disposition: attachment; filename=a.zip")
                .map(fields -> malformed("a program by " + fields, exeAs(fields)));
    }

    private static Stream<Arguments> authors() {
        StandardReply missing = StandardReply.FROM_MISSING;
        StandardReply multiple = StandardReply.FROM_MULTIPLE;
        StandardReply mismatch = StandardReply.FROM_DOMAIN_MISMATCH;
        return Stream.of(
                        Arguments.of(missing, "From:"),
                        Arguments.of(missing, "From: Alice"),
                        Arguments.of(missing, "From: friends: alice@client.test;"),
                        Arguments.of(missing, "From: undisclosed:;"),
                        Arguments.of(missing, "From: <@foreign.test:alice@client.test>"),
                        Arguments.of(missing, "From: eve@foreign.test <alice@client.test>"),
                        Arguments.of(missing, "From: <alice@client.test> <eve@foreign.test>"),
                        Arguments.of(missing, "From: <alice@client.test(>) <eve@foreign.test>"),
                        Arguments.of(missing, "From: alice@(c@foreign.test)client.test"),
                        Arguments.of(missing, "From: =?utf-8?Q?eve=40foreign=2Etest=3E?=@client.test"),
                        Arguments.of(missing, "From: =?utf-8?Q?eve=40foreign=2Etest=00?= <alice@client.test>"),
                        Arguments.of(missing, "From: \"eve@foreign.test <alice@client.test>"),
                        Arguments.of(missing, "From: " + "n".repeat(8200) + " <alice@client.test>"),
                        Arguments.of(missing, "From: " + "(".repeat(4000) + " alice@client.test"),
                        Arguments.of(missing, "From: alice@client.test\u2028"),
                        Arguments.of(multiple, "From: alice@client.test, eve@foreign.test"),
                        Arguments.of(multiple, "From: alice@client.test,| eve@foreign.test"),
                        Arguments.of(multiple, "From: alice@client.test|Subject: x|FROM: eve@foreign.test"),
                        Arguments.of(multiple, "From: a: alice@client.test, eve@foreign.test;"),
                        Arguments.of(mismatch, "From: (alice@client.test) eve@foreign.test"),
                        Arguments.of(mismatch, "From: \"alice@client.test\" <eve@foreign.test>"),
                        Arguments.of(mismatch, "From: \"alice@client.test\"@foreign.test"),
                        Arguments.of(mismatch, "From: alice%client.test@foreign.test"),
                        Arguments.of(mismatch, "From: alice@sub.client.test"),
                        Arguments.of(mismatch, "From: alice@client.test.foreign.test"),
                        Arguments.of(mismatch, "From: alice@notclient.test"),
                        Arguments.of(mismatch, "From: alice@[127.0.0.1]"),
                        Arguments.of(mismatch, "From: alice@cli\u0435nt.test"),
                        Arguments.of(StandardReply.DOMAIN_NOT_AUTHENTICATED, "From: alice@UNREADY.test"),
                        Arguments.of(StandardReply.DOMAIN_NOT_AUTHENTICATED, "From: alice@b\u00dccher.test"))
                .map(each ->
                        refused((StandardReply) each.get()[0], each.get()[1].toString(), each.get()[1] + TEXT_BODY));
    }

    /** What looks bad and passes by choice; docs/content.md says why. */
    static Stream<Sample> passed() {
        return Stream.of(
                Sample.of("an unknown encoding", FROM + "Content-Transfer-Encoding: x-gzip64||{pad}x|"),
                Sample.of(
                        "quoted-printable that is none",
                        FROM + "Content-Transfer-Encoding: quoted-printable||{pad}=ZZ|"),
                Sample.of(
                        "base64 with a footer behind it",
                        FROM + "Content-Transfer-Encoding: base64||QQ==|footer|{pad}"),
                Sample.of("a comment within an address", "From: alice@(c)client.test" + TEXT_BODY),
                Sample.of("an empty attachment", attachment("Content-Disposition: attachment; filename=a.pdf", "")),
                Sample.of("twenty names of an attachment", attachment("Content-Disposition: a" + names(20), "x")),
                Sample.of(
                        "a name in a charset that Java can only read",
                        attachment("Content-Disposition: attachment; filename*=iso-2022-cn''a.xyzzy", "x")),
                Sample.of(
                        "names in charsets that nobody knows",
                        attachment(
                                "Content-Disposition: attachment; filename=\"=?x-nobody?q?a?=.xyzzy\";"
                                        + " filename*=x-nobody''b.xyzzy",
                                "x")),
                Sample.of("an unknown extension", exeAs("Content-Disposition: attachment; filename=a.xyzzy")),
                Sample.of("no extension", exeAs("Content-Disposition: attachment; filename=README")),
                Sample.of("no file name", exeAs("Content-Disposition: attachment")),
                Sample.of("a program that says so", exeAs("Content-Disposition: attachment; filename=a.exe")),
                Sample.of(
                        "an archive, whatever is in it",
                        attachment(
                                "Content-Disposition: attachment; filename=a.zip|Content-Transfer-Encoding: base64",
                                "UEsDBBQAAAAIAAAAIQAAAAAA")),
                Sample.of(
                        "a document format that is an archive",
                        attachment(
                                "Content-Disposition: attachment; filename=a.docx|Content-Transfer-Encoding: base64",
                                "UEsDBBQAAAAIAAAAIQAAAAAA")),
                Sample.of(
                        "an encoded message",
                        attachment("Content-Type: message/rfc822|Content-Transfer-Encoding: base64", "WDogeQ0KDQp4")),
                Sample.of(
                        "an encoding of a multipart that is none",
                        FROM + "Content-Transfer-Encoding: base64|Content-Type: multipart/mixed;"
                                + " boundary=b||{pad}--b||x|--b--|"),
                Sample.of("a foreign Sender:", FROM + "Sender: eve@foreign.test" + TEXT_BODY),
                Sample.of("a foreign Resent-From:", FROM + "Resent-From: eve@foreign.test" + TEXT_BODY),
                Sample.of("a foreign Reply-To:", FROM + "Reply-To: eve@foreign.test" + TEXT_BODY),
                Sample.of("a name with an address", "From: \"ceo@foreign.test\" <alice@client.test>" + TEXT_BODY),
                Sample.of(
                        "an encoded name with an address",
                        "From: =?utf-8?Q?ceo=40foreign=2Etest?= <alice@client.test>" + TEXT_BODY),
                Sample.of("a part of a message", FROM + "Content-Type: message/partial; id=1; number=1" + TEXT_BODY),
                Sample.of("long lines", FROM + "|" + "y".repeat(100_000) + "|{pad}"),
                Sample.of("text behind the end", MIXED + "--b||x|--b--||--b||hidden|--b--|"),
                Sample.of("broken encoded words", FROM + "Subject: =?utf-8?B?*?= =?x?y?z?=" + TEXT_BODY),
                Sample.of("encoded words without end", FROM + "Subject: " + "=?utf-8?Q?a".repeat(9000) + TEXT_BODY));
    }
}
