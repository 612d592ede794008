package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CredentialsTest {

    private final byte[] octets = "s3cr\u00e9t".getBytes(StandardCharsets.UTF_8);
    private final Credentials credentials = new Credentials("PLAIN", "alice", octets);

    @Test
    void wipesTheSecretItWasGiven() {
        credentials.close();
        assertThat(octets).containsOnly(0);
        assertThat(credentials.secretEquals("s3cr\u00e9t")).isFalse();
    }

    @Test
    void givesCopiesOfTheSecret() {
        byte[] copy = credentials.secret();
        assertThat(copy).isEqualTo(octets).isNotSameAs(octets);
        copy[0] = 0;
        assertThat(credentials.secretEquals("s3cr\u00e9t")).isTrue();
    }

    @Test
    void comparesTheSecret() {
        assertThat(credentials.secretEquals("s3cret")).isFalse();
        assertThat(credentials.secretEquals("")).isFalse();
        assertThat(credentials.secretEquals("s3cr\u00e9t ")).isFalse();
    }

    @Test
    void showsNeitherSecretNorName() {
        assertThat(credentials.toString())
                .isEqualTo("Credentials[PLAIN, masked]")
                .doesNotContain("s3cr")
                .doesNotContain("alice");
    }
}
