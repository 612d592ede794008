package dev.postern.internal.content.header;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.charset.spi.CharsetProvider;
import java.util.Collections;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CharsetsTest {

    /** A provider of the class path, which the JDK asks for each name that it does not know. */
    public static final class Provider extends CharsetProvider {

        static final Set<String> ASKED_FOR = ConcurrentHashMap.newKeySet();

        @Override
        public Iterator<Charset> charsets() {
            return Collections.emptyIterator();
        }

        @Override
        public @Nullable Charset charsetForName(String name) {
            ASKED_FOR.add(name);
            return null;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "utf-8,UTF-8",
        "UTF8,UTF-8",
        "LATIN1,ISO-8859-1",
        "us-ascii,US-ASCII",
        "cp1252,windows-1252",
        "utf_16_be,UTF-16BE",
        "ISO 8859 15,ISO-8859-15",
        "cp-037,IBM037"
    })
    void findsACharsetByEachOfItsNamesInAnyCase(String name, String canonical) {
        assertThat(Charsets.find(name)).hasValue(Charset.forName(canonical));
    }

    @ParameterizedTest
    @CsvSource({
        "plain text.,plain text.",
        "a+AC4-pdf,a.pdf",
        "a+AC4,a.",
        "+AGEALgBwAGQAZg-,a.pdf",
        "+AGEALgBw-,a.p",
        "1+-1,1+1",
        "1+,1+",
        "+AC4--,.-"
    })
    void guessesAtUtf7(String encoded, String text) {
        byte[] octets = encoded.getBytes(StandardCharsets.US_ASCII);
        assertThat(Charsets.guesses().stream().map(guess -> guess.apply(octets)))
                .containsExactly(encoded, text);
    }

    @Test
    void findsEveryCharsetThatThereIs() {
        Charset.availableCharsets()
                .values()
                .forEach(charset -> assertThat(Charsets.find(charset.name())).hasValue(charset));
        assertThat(Charsets.find("x-nobody")).isEmpty();
        assertThat(Charsets.find("")).isEmpty();
        assertThat(Charsets.find("\u00e4 b")).isEmpty();
    }

    /** Each such question is a search of the class path, and a header has room for a thousand words. */
    @Test
    void noProviderIsAskedForACharsetThatAHeaderNames() {
        Charset.isSupported("x-asked"); // the provider is there
        assertThat(Provider.ASKED_FOR).contains("x-asked");
        byte[] from = "=?x-author?q?a?= <alice@example.org>".getBytes(StandardCharsets.US_ASCII);
        assertThat(Author.of(from)).isInstanceOf(Author.One.class);
        MimeField disposition =
                MimeField.parse("attachment; filename=\"=?x-name?q?a?=.xyzzy\"; filename*=x-segment''b.xyzzy");
        MimeField type = MimeField.parse("x/y; name=\"=?x-type?b?AAAA?=.xyzzy\"");
        assertThat(disposition.fileNames()).hasSizeGreaterThan(1);
        assertThat(type.fileNames()).hasSizeGreaterThan(0);
        assertThat(Provider.ASKED_FOR).doesNotContain("x-author", "x-name", "x-segment", "x-type");
        assertThat(EncodedWords.decode("=?x-author?q?a?= =?utf-8?q?=C3=A4?="))
                .isEqualTo(
                        "=?x-author?q?a?=" + new String(new byte[] {(byte) 0xc3, (byte) 0xa4}, StandardCharsets.UTF_8));
    }
}
