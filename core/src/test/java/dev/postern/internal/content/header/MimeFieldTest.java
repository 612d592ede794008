package dev.postern.internal.content.header;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class MimeFieldTest {

    private static final int ROUNDS = Integer.getInteger("postern.fuzz.rounds", 2_000);
    private static final long SEED = Long.getLong("postern.fuzz.seed", 17);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "text/plain|text/plain",
                "Text / Plain ; x=y|text/plain",
                "(a) multipart (b) / (c) mixed (d);boundary=b|multipart/mixed",
                "(;) multipart/mixed|multipart/mixed",
                "\"multipart/mixed\"; boundary=b|multipart/mixed",
                "base64 (as said)|base64",
                "base64;|base64",
                "text|text",
                "multipart mixed|multipart mixed",
                "a (b) c|a c",
                "a\t(b)/ (c)\td|a/d",
                "\"a\" \"b\"|a b",
                "a (b|a",
                "\"a|a",
                "~~|~~"
            })
    void theValueIsWithoutCommentsAndBlanks(String field, String value) {
        assertThat(MimeField.parse(field).value()).isEqualTo(value);
    }

    static Stream<Arguments> names() {
        return Stream.of(
                Arguments.of("attachment; filename=a.pdf", "a.pdf"),
                Arguments.of("attachment; filename=a.pdf (report)", "a.pdf"),
                Arguments.of("attachment; filename=a.pdf (report)", "a.pdf (report)"),
                Arguments.of("attachment; (x;y) filename=\"a.pdf\"", "a.pdf"),
                Arguments.of("attachment; filename (x) = (y) \"a.pdf\" (z)", "a.pdf"),
                Arguments.of("attachment; filename=(\"x\") a.pdf", "a.pdf"),
                Arguments.of("attachment; filename=\"a\\\".pdf\"", "a\".pdf"),
                Arguments.of("attachment; filename=\"a\\.pdf\"", "a.pdf"),
                Arguments.of("attachment; filename=\"a\\.pdf\"", "a\\.pdf"),
                Arguments.of("attachment; filename=quarterly report.pdf", "quarterly report.pdf"),
                Arguments.of("attachment; filename=a.pdf,b", "a.pdf"),
                Arguments.of("attachment; filename=\"a.pdf", "a.pdf"),
                Arguments.of("attachment; filename=\"a.pdf; x=y", "a.pdf"),
                Arguments.of("attachment; filename=\"a.pdf\\", "a.pdf\\"),
                Arguments.of("attachment; filename=\"a\"\".pdf\"", "a.pdf"),
                Arguments.of("attachment; filename=\"x\".p(c)df", "x.pdf"),
                Arguments.of("attachment; filename=(c)\"x(\".p(c)df", "x(.pdf"),
                Arguments.of("attachment; filename=x\".p\"(c)df", "x.pdf"),
                Arguments.of("attachment; filename=x (\";) ; y=\"; z=.pdf", "x (\";) ; y=\""),
                Arguments.of("attachment; filename=x (\";) ; y=a.pdf", "x (\";) ; y=a.pdf"),
                Arguments.of("attachment; filename=\"x\\\\\"; y=\"a.pdf\"", "x\"; y=\"a.pdf"),
                Arguments.of("attachment; filename*0=x (\";) ; y=a.pdf", "x (\";) ; y=a.pdf"),
                Arguments.of("attachment; filename*=utf-8''a(.pd%66", "a(.pdf"),
                Arguments.of("attachment; FileName=a.pdf", "a.pdf"),
                Arguments.of("attachment filename=\"a.pdf\"", "a.pdf"),
                Arguments.of("attachment; x=y filename=\"a.pdf\"", "a.pdf"),
                Arguments.of("attachment; x=\"y\"filename=\"a.pdf\"", "a.pdf"),
                Arguments.of("attachment; x=(c) filename=\"a.pdf\"", "a.pdf"),
                Arguments.of("attachment; x=((c)) filename=\"a.pdf\"", "a.pdf"),
                Arguments.of("attachment; x=\"(\" filename=\"a.pdf\"", "a.pdf"),
                Arguments.of("attachment; x=(\") filename=\"a.pdf\"", "a.pdf"),
                Arguments.of("attachment; x=) filename=\"a.pdf\"", "a.pdf"),
                Arguments.of("attachment; x=) filename=\"a.pdf\" (my filename=b)", "a.pdf"),
                Arguments.of("attachment; x=\"\\\"\" filename=\"a.pdf\"", "a.pdf"),
                Arguments.of("attachme\"t;(=x)filename=a.pdf", "a.pdf"),
                Arguments.of("attachme\"t; \t(x) (y(z)) filename=\"a.pdf\"", "a.pdf"),
                Arguments.of("attachme\"t;(a;b)filename=a.pdf", "a.pdf"),
                Arguments.of("attachme\"t;(\\))filename=a.pdf", "a.pdf"),
                Arguments.of("attachme\"t; x=y; (c) filename=a.pdf", "a.pdf"),
                Arguments.of("attachment; x=\"; (c) filename=a.pdf\"", "a.pdf"),
                Arguments.of("filename=a.pdf", "a.pdf"),
                Arguments.of("attachment (; filename=a.pdf;)", "a.pdf"),
                Arguments.of("attachment; x=\"; filename=a.pdf; \"", "a.pdf"),
                Arguments.of("attachment; filename=\"a.txt\"; name=\"a.pdf\"", "a.pdf"),
                Arguments.of("attachment; filename==?utf-8?Q?a=2Epdf?=", "a.pdf"),
                Arguments.of("attachment; filename*=utf-8''a%2Epdf", "a.pdf"),
                Arguments.of("attachment; filename*=utf-8'de'a%2Epdf (x)", "a.pdf"),
                Arguments.of("attachment; filename*0=a; filename*1=.p; filename*2=df", "a.pdf"),
                Arguments.of("attachment; filename*2=df; filename*0=a; filename*1=.p", "a.pdf"),
                Arguments.of("attachment; filename*0=\"a\" (x); filename*1=\".pdf\" (;)", "a.pdf"),
                Arguments.of("attachment; filename*0*=utf-8''a%2E; filename*1=pdf", "a.pdf"),
                Arguments.of("attachment; filename*0=a.txt; filename*0=a.pdf", "a.pdf"),
                Arguments.of("attachment; filename*0=a.pdf; filename*2=.txt", "a.pdf"),
                Arguments.of("attachment; filename*00=a.pdf", "a.pdf"),
                Arguments.of("attachment; filename*99=a.pdf", "a.pdf"));
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyNameThatAReaderMayTakeIsFound(String field, String name) {
        assertThat(MimeField.parse(field).fileNames()).contains(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "attachment; filename=a.; filename=pdf",
                "attachment; filename*1=a.; filename*0=pdf",
                "attachment; filename*x=a.; filename=pdf",
                "attachment; filename*x=a.pdf",
                "attachment; filename=\"%61.pdf\"",
                "attachment; filename=\"''a.pdf\"",
                "=?utf-8?Q?attachment;_filename=3Da.pdf?="
            })
    void namesThatHardlyAReaderTakesAreFoundApart(String field) {
        MimeField read = MimeField.parse(field);
        assertThat(read.unlikelyFileNames()).contains("a.pdf");
        assertThat(read.fileNames()).doesNotContain("a.pdf");
        assertThat(read.unlikelyFileNames()).noneMatch(read.fileNames()::contains);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "attachment; x-filename=a.pdf",
                "attachment; x=(filename=a.pdf)",
                "attachment; x=\"my filename=a.pdf\"",
                "attachment; x=(my filename=a.pdf)",
                "attachment; x=((c) my filename=a.pdf)",
                "attachment; x=(\\) my filename=a.pdf)",
                "attachment; x=\"\\\" my filename=a.pdf\"",
                "attachment; x=\") my filename=a.pdf\"",
                "attachme\"t;(c)x-filename=a.pdf",
                "attachme\"t;(c) y filename=a.pdf",
                "attachme\"t (c)filename=a.pdf",
                "attachme\"t;((c)filename=a.pdf",
                "attachment; x=\\\" my filename=a.pdf\"",
                "attachment; x=\\( my filename=a.pdf)",
                "text/plain; rename=a.pdf"
            })
    void whatIsNoParameterNamesNothing(String field) {
        assertThat(MimeField.parse(field).fileNames()).isEmpty();
        assertThat(MimeField.parse(field).unlikelyFileNames()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "m/x; boundary=abc|abc",
                "m/x; boundary=abc (x)|abc,abc (x)",
                "m/x; boundary=\"abc\" (x)|abc,\"abc\" (x),abc (x)",
                "m/x; boundary=\"abc \"|abc",
                "m/x; boundary=a=b|a=b,a",
                "m/x; boundary=\"a\\b\"|ab,a\\b",
                "m/x; boundary*0=ab; boundary*1=cd|abcd"
            })
    void theStandardsBoundaryComesFirst(String field, String boundaries) {
        assertThat(MimeField.parse(field).boundaries()).containsExactly(boundaries.split(","));
    }

    @ParameterizedTest
    @ValueSource(strings = {"m/x; boundary=a; boundary=b", "m/x; boundary=a; x=y; Boundary=\"b\""})
    void twoBoundariesAreTold(String field) {
        assertThat(MimeField.parse(field).hasTwoBoundaries()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "a/b; boundary=b|true",
                "a/b; x=y boundary=b|true",
                "a/b; boundary *0=b|true",
                "a/b; (c) boundary (c) = b|true",
                "a/b; bound(c)ary=b|false",
                "a/b; bound ary=b|false",
                "a/b; boundary\u00a0=b|false",
                "a/b|false",
                "a/b; bound(c)ary=b; boundary=c|true"
            })
    void aBoundaryIsClearWhoseNameIs(String field, boolean clear) {
        MimeField read = MimeField.parse(field);
        assertThat(read.hasClearBoundary()).isEqualTo(clear);
        assertThat(read.boundaries().isEmpty()).isEqualTo(field.equals("a/b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "m/x",
                "m/x; boundary=a",
                "m/x; boundary=a; boundary=\"a\"",
                "m/x; boundary=a; boundary*0=b",
                "m/x; boundary=a (; boundary=b)",
                "m/x; boundary=a; name=b"
            })
    void oneBoundaryIsOne(String field) {
        assertThat(MimeField.parse(field).hasTwoBoundaries()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "a; filename*=x-nobody''b.pdf,true",
        "a; filename*0*=x-nobody''b; filename*1=.pdf,true",
        "a; filename=\"=?x-nobody?q?b?=.pdf\",true",
        "a; name=\"=?utf-8?q?b?= =?x-nobody?q?b?=\",true",
        "a; filename*=utf-8''b.pdf,false",
        "a; filename*=''b.pdf,false",
        "a; filename=\"=?utf-8?q?b?=.pdf\",false",
        "a; x=\"=?x-nobody?q?b?=\",false"
    })
    void aNameInACharsetThatNobodyKnowsIsTold(String field, boolean unknown) {
        MimeField read = MimeField.parse(field);
        assertThat(read.fileNames()).isNotNull();
        assertThat(read.hasUnknownCharset()).isEqualTo(unknown);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "a; filename=\"b\"|b",
                "a; filename=b (c)|b,b (c)",
                "a; filename= b c |b c,b",
                "a; filename=\"b\\c\"|bc,b\\c",
                "a; filename*=utf-8''b%20c|b c,utf-8''b%20c",
                "a; filename=b; name=c|b,c"
            })
    void theNamesOfAFieldAreAllThatReadersTakeAndNoMore(String field, String names) {
        assertThat(MimeField.parse(field).fileNames()).containsExactlyInAnyOrder(names.split(","));
    }

    // properties

    private static final List<String> SPACE = List.of(
            "",
            "",
            " ",
            "\t",
            "  ",
            "(c)",
            " (a;b) ",
            "(\"q)",
            "(\\))",
            "((n)est(ed))",
            "(=x)",
            "(a/b)",
            "(\\\\)",
            "(=?x?=)");

    private static String space(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            text.append(SPACE.get(random.nextInt(SPACE.size())));
        }
        return text.toString();
    }

    @Test
    void commentsAndBlanksBetweenTokensChangeNothing() {
        Random random = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            String name = random.nextBoolean() ? "a.pdf" : "\"b \\\" c.pdf\"";
            String[] tokens = {
                "multipart",
                "/",
                "mixed",
                ";",
                "boundary",
                "=",
                random.nextBoolean() ? "abc" : "\"a;b\"",
                ";",
                "filename",
                "=",
                name,
                ";",
                "filename*0",
                "=",
                "x",
                ";",
                "filename*1*",
                "=",
                "%2Epdf"
            };
            StringBuilder spaced = new StringBuilder();
            for (String token : tokens) {
                spaced.append(space(random)).append(token);
            }
            MimeField plain = MimeField.parse(String.join("", tokens));
            MimeField field = MimeField.parse(spaced + space(random));
            assertThat(field.value()).as(spaced.toString()).isEqualTo(plain.value());
            assertThat(field.boundaries().get(0))
                    .as(spaced.toString())
                    .isEqualTo(plain.boundaries().get(0));
            assertThat(field.fileNames()).as(spaced.toString()).containsAll(plain.fileNames());
            assertThat(field.beyondBound()).as(spaced.toString()).isEmpty();
        }
    }

    private static final List<String> PIECES = List.of(
            "name=",
            "filename=",
            "boundary=",
            "Name=",
            "x=",
            "charset=utf-8",
            "name",
            "=",
            "\"",
            "\"",
            "\"a.pdf\"",
            "\"\"",
            "a.pdf",
            "a b",
            ";",
            ";",
            "; ",
            ";\t",
            " ",
            "(",
            ")",
            "(c)",
            "\\",
            "?",
            "=?",
            "?=",
            "%41",
            "'",
            "*",
            "*0",
            "1",
            "/",
            "-",
            "--",
            "_",
            ":",
            ",",
            "<",
            "@",
            "[",
            "\u00e4",
            "\u0001",
            "text/plain",
            "multipart",
            "attachment");

    /** What is plain enough for one pass reads as it does to all readers together. */
    @Test
    void aPlainFieldIsReadAsInEveryWay() {
        Random random = new Random(SEED);
        int plain = 0;
        for (int i = 0; i < 20 * ROUNDS; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? " attachment" : " multipart/mixed");
            for (int parameters = random.nextInt(4); parameters > 0; parameters--) {
                text.append(random.nextInt(6) == 0 ? "" : "; ").append(PIECES.get(random.nextInt(6)));
                boolean quoted = random.nextBoolean();
                text.append(quoted ? "\"" : "");
                for (int pieces = random.nextInt(4); pieces > 0; pieces--) {
                    text.append(PIECES.get(random.nextInt(PIECES.size())));
                }
                text.append(quoted ? "\"" : "");
            }
            String field = text.toString();
            MimeField read = MimeField.parse(field);
            MimeField inEveryWay = new MimeField(field);
            assertThat(read.value()).as(field).isEqualTo(inEveryWay.value());
            assertThat(read.fileNames()).as(field).isEqualTo(inEveryWay.fileNames());
            assertThat(read.unlikelyFileNames()).as(field).isEqualTo(inEveryWay.unlikelyFileNames());
            assertThat(read.boundaries()).as(field).isEqualTo(inEveryWay.boundaries());
            assertThat(read.hasTwoBoundaries()).as(field).isEqualTo(inEveryWay.hasTwoBoundaries());
            assertThat(read.beyondBound()).as(field).isEqualTo(inEveryWay.beyondBound());
            plain += PlainField.read(field) == null ? 0 : 1;
        }
        assertThat(plain).isGreaterThan(ROUNDS).isLessThan(19 * ROUNDS);
    }

    private static final String ALPHABET = "();\"\\=*'%/? \tabfilenameboundary0123=?utf-8?q?=41?=";

    @Test
    void noFieldCostsMoreThanItsLengthAllows() {
        Random random = new Random(SEED);
        for (int i = 0; i < ROUNDS / 8; i++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(HeaderSection.MAX_VALUE);
            while (text.length() < length) {
                int run = 1 + random.nextInt(40);
                String piece = random.nextInt(3) == 0
                        ? List.of("; filename=", "; filename*1=", ";boundary=", "name = ")
                                .get(random.nextInt(4))
                        : ALPHABET.substring(random.nextInt(ALPHABET.length()));
                text.append(random.nextInt(50) == 0 ? piece.repeat(run) : piece);
            }
            cost(text.toString());
        }
    }

    // octets looked at
    private static long cost(String text) {
        MimeField field = MimeField.parse(text);
        int names = field.fileNames().size() + field.unlikelyFileNames().size();
        int boundaries = field.boundaries().size();
        assertThat(names + boundaries).isLessThanOrEqualTo(3000);
        assertThat(field.work())
                .as(text)
                .isBetween((long) (PlainField.read(text) == null ? text.length() : 0), 200L * (text.length() + 100));
        return field.work();
    }

    private static Arguments hostile(IntFunction<String> field) {
        return Arguments.of(field);
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                hostile(n -> "(".repeat(n)),
                hostile(n -> "()".repeat(n / 2)),
                hostile(n -> "\"".repeat(n)),
                hostile(n -> "\\".repeat(n)),
                hostile(n -> "=".repeat(n)),
                hostile(n -> " ".repeat(n) + "="),
                hostile(n -> " =".repeat(n / 2)),
                hostile(n -> ";".repeat(n)),
                hostile(n -> "name=".repeat(n / 5)),
                hostile(n -> ";name=(".repeat(n / 7)),
                hostile(n -> ";name=\"".repeat(n / 7)),
                hostile(n -> "; name=a".repeat(n / 8)),
                hostile(n -> ";filename*0=\"".repeat(n / 13)),
                hostile(n -> "filename*1= ".repeat(n / 12)),
                hostile(n -> "; boundary=(;".repeat(n / 13)),
                hostile(n -> "; filename*0*=x''" + "%41".repeat(n / 3)),
                hostile(n -> "; filename=\"" + "=?utf-8?q?=41?= ".repeat(n / 16) + "\""),
                hostile(n -> "; filename=" + "=?utf-8?q?".repeat(n / 10)));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void fourTimesTheFieldCostsFourTimesAsMuch(IntFunction<String> field) {
        assertThat(cost(field.apply(8000))).isLessThanOrEqualTo((long) (1.1 * 4 * cost(field.apply(2000))) + 10_000);
    }

    static Stream<Arguments> tooMuch() {
        StringBuilder segments = new StringBuilder("attachment");
        for (int i = 0; i <= Segments.MAX_SEGMENTS; i++) {
            segments.append(";filename*").append(i).append("=a");
        }
        return Stream.of(
                Arguments.of(segments.toString(), "over 100 segments"),
                Arguments.of("a; filename*100=pdf; filename*0=a.", "over 100 segments"),
                Arguments.of("a; filename*99999999999=pdf", "over 100 segments"),
                Arguments.of("a" + "; filename*0=a".repeat(101), "over 100 segments"),
                Arguments.of("a" + "; filename=a".repeat(21), "over 20 parameters called filename"),
                Arguments.of("a" + "; x=y".repeat(251), "over 250 parameters"),
                Arguments.of("a; filename=\"" + "a".repeat(4097) + "\"", "over 4096 characters"),
                Arguments.of("(".repeat(51) + ")".repeat(51) + "text/plain", "over 50 deep"),
                Arguments.of("a (" + ";name=a".repeat(21) + ")", "over 20 parameters that only some readers see"));
    }

    @ParameterizedTest
    @MethodSource("tooMuch")
    void whatIsBeyondABoundIsTold(String field, String bound) {
        MimeField read = MimeField.parse(field);
        assertThat(read.fileNames()).isNotNull();
        assertThat(read.beyondBound())
                .hasValueSatisfying(told -> assertThat(told).contains(bound));
    }

    @Test
    void aBoundWithinAnEncodedWordIsToldToo() {
        byte[] field = ("a" + ";filename=a".repeat(21)).getBytes(StandardCharsets.US_ASCII);
        MimeField read = MimeField.parse("=?utf-8?B?" + Base64.getEncoder().encodeToString(field) + "?=");
        assertThat(read.beyondBound()).isEmpty();
        assertThat(read.unlikelyFileNames()).isNotNull();
        assertThat(read.beyondBound()).hasValue("over 20 parameters called filename");
    }

    /** By the standard's syntax, and once more for the lenient readings; what the other tests of cost measure is all of it. */
    @Test
    void eachOctetIsCountedTwiceAndThoseOfANameInEachWayToReadIt() {
        String run = "?".repeat(96);
        for (String field : List.of(" ".repeat(100), run, "(" + run + ")", "\"" + run + "\"", ";" + run, ";x=" + run)) {
            assertThat(new MimeField(field).work()).as(field).isBetween(2L * 96, 2L * 100 + 4);
        }
        MimeField named = new MimeField(";name=" + run);
        assertThat(named.fileNames()).contains(run);
        assertThat(named.work()).isBetween(9L * 96, 9L * 100);
    }

    @Test
    void whatIsAtABoundPasses() {
        StringBuilder segments = new StringBuilder("a");
        for (int i = 0; i < Segments.MAX_SEGMENTS; i++) {
            segments.append(";filename*").append(i).append("=a");
        }
        for (String field : List.of(
                segments.toString(),
                "a" + "; filename=a".repeat(20),
                "a" + "; x=y".repeat(250),
                "a; filename=\"" + "a".repeat(4096) + "\"",
                "a (" + ";name=a".repeat(20) + ")",
                "(".repeat(50) + ")".repeat(50) + "text/plain")) {
            MimeField read = MimeField.parse(field);
            assertThat(read.fileNames()).isNotNull();
            assertThat(read.beyondBound()).isEmpty();
        }
    }
}
