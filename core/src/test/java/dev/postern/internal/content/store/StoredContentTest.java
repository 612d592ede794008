package dev.postern.internal.content.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnAnyJdk
class StoredContentTest {

    private static final long[] NOTHING = {};

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Spool spool(String content) throws IOException {
        Spool spool = new Spool(Spool.BLOCK, new MemoryBudget(Spool.BLOCK), () -> {
            throw new IOException("no file");
        });
        spool.prepare();
        spool.write(octets(content), 0, content.length());
        spool.flush();
        return spool;
    }

    @Test
    void aReadingHasTheAddedAndWhatIsKeptHoweverLittleIsReadAtATime() throws IOException {
        byte[] expected = octets("Added: x\r\n" + "0145\u00e4b");
        try (Spool spool = spool("012345789\u00e4bcd")) {
            StoredContent content =
                    StoredContent.of(octets("Added: x\r\n"), spool, new long[] {2, 4, 6, 9, 11, 13}, true, false);
            assertThat(content.size()).isEqualTo(expected.length);
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            content.writeTo(written);
            assertThat(written.toByteArray()).isEqualTo(expected);
            for (int most = 1; most <= expected.length + 1; most++) {
                ByteArrayOutputStream read = new ByteArrayOutputStream();
                byte[] buffer = new byte[most + 2];
                try (InputStream in = content.open()) {
                    assertThat(in.read(buffer, 1, 0)).isZero();
                    for (int count = in.read(buffer, 1, most); count >= 0; count = in.read(buffer, 1, most)) {
                        assertThat(count).isBetween(1, most);
                        read.write(buffer, 1, count);
                    }
                    assertThat(in.read()).isEqualTo(-1);
                }
                assertThat(read.toByteArray()).as("%d at a time", most).isEqualTo(expected);
            }
            try (InputStream in = content.open()) {
                for (byte each : expected) {
                    assertThat(in.read()).isEqualTo(each & 0xff);
                }
                assertThat(in.read()).isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ab\u00e4,false,false,false,false",
        "ab\u00e4,true,false,false,true",
        "ab\u00e4,false,true,false,true",
        "ab\u00e4,true,false,true,false",
        "\u00e4b\u00e4,true,false,true,true",
        "ab\u00e4,true,true,true,true"
    })
    void theOctetsThatGoOnSayWhetherTheyHaveEightBits(
            String text, boolean received, boolean added, boolean removed, boolean eightBit) throws IOException {
        try (Spool spool = spool(text)) {
            long[] ranges = removed ? new long[] {2, 3} : NOTHING;
            assertThat(StoredContent.of(octets(added ? "\u00e4" : ""), spool, ranges, received, added)
                            .eightBit())
                    .isEqualTo(eightBit);
        }
    }
}
