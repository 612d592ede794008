package dev.postern.internal.octets;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OctetsTest {

    /** Longer than what is looked at in one step, for each offset of an octet, a beginning and an end. */
    private static final int LENGTH = 80;

    @ParameterizedTest
    @ValueSource(ints = {0, '\n', '\r', '.', 0x7f})
    void findsAnOctetWhereverItIs(int octet) {
        for (int others : new int[] {octet ^ 1, octet | 0x80, 0xff, octet == 0 ? 1 : 0, octet + 1 & 0xff}) {
            for (int at = 0; at < LENGTH; at++) {
                byte[] buffer = new byte[LENGTH];
                Arrays.fill(buffer, (byte) others);
                buffer[at] = (byte) octet;
                assertThat(Octets.indexOf(buffer, 0, LENGTH, octet)).isEqualTo(at);
                assertThat(Octets.indexOf(buffer, at, LENGTH, octet)).isEqualTo(at);
                assertThat(Octets.indexOf(buffer, at + 1, LENGTH, octet)).isEqualTo(LENGTH);
                assertThat(Octets.indexOf(buffer, 0, at, octet)).isEqualTo(at);
            }
        }
    }

    @Test
    void passesOverEqualOctets() {
        byte[] buffer = "   x  ".getBytes(StandardCharsets.US_ASCII);
        assertThat(Octets.skip(buffer, 0, buffer.length, ' ')).isEqualTo(3);
        assertThat(Octets.skip(buffer, 3, buffer.length, ' ')).isEqualTo(3);
        assertThat(Octets.skip(buffer, 4, buffer.length, ' ')).isEqualTo(6);
        assertThat(Octets.skip(buffer, 0, 2, ' ')).isEqualTo(2);
    }

    @Test
    void findsOneEightBitOctetWhereverItIs() {
        for (int at = 0; at < LENGTH; at++) {
            byte[] buffer = new byte[LENGTH];
            Arrays.fill(buffer, (byte) 0x7f);
            buffer[at] = (byte) 0x80;
            assertThat(Octets.hasEightBit(buffer, 0, LENGTH)).isTrue();
            assertThat(Octets.hasEightBit(buffer, at + 1, LENGTH)).isFalse();
            assertThat(Octets.hasEightBit(buffer, 0, at)).isFalse();
        }
    }

    @Test
    void tellsControlsAndBlanks() {
        for (int octet = -128; octet < 128; octet++) {
            boolean control = octet >= 0 && Character.isISOControl(octet);
            assertThat(Octets.isControl((byte) octet)).as("control %d", octet).isEqualTo(control);
            assertThat(Octets.isBlank((byte) octet)).as("blank %d", octet).isEqualTo(octet == ' ' || octet == '\t');
        }
    }
}
