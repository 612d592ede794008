package dev.postern.internal.octets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Base64SymbolsTest {

    /** Longer than what is looked at in one step, for each offset, a beginning and an end. */
    private static final int LENGTH = 20;

    @Test
    void passesOverSymbolsAlone() {
        for (int octet = 0; octet < 256; octet++) {
            boolean symbol = octet < 128 && (Character.isLetterOrDigit(octet) || octet == '+' || octet == '/');
            assertThat(Base64Symbols.valueOf((byte) octet) >= 0).as("%d", octet).isEqualTo(symbol);
            for (byte others : new byte[] {'A', 'z', '/', '+', '9'}) {
                for (int at = 0; at < LENGTH; at++) {
                    byte[] buffer = new byte[LENGTH];
                    Arrays.fill(buffer, others);
                    buffer[at] = (byte) octet;
                    assertThat(Base64Symbols.skip(buffer, 0, LENGTH))
                            .as("%d at %d", octet, at)
                            .isEqualTo(symbol ? LENGTH : at);
                    assertThat(Base64Symbols.skip(buffer, 0, at)).isEqualTo(at);
                }
            }
        }
    }
}
