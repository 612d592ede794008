package dev.postern;

import dev.postern.spi.MailAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Checks and converts host names. */
final class Hosts {

    private Hosts() {}

    /** Checks the parameter {@code host}: a name or an address, in any script. */
    static void require(String host) {
        if (Objects.requireNonNull(host, "host").isBlank()) {
            throw new IllegalArgumentException("host must not be blank");
        }
        if (host.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
            throw new IllegalArgumentException("host must be a name or address, without blanks and control characters");
        }
    }

    /**
     * {@return the name as used in DNS, certificates, greetings and EHLO (RFC 5890 section 2.3.2.1, RFC 6531 section
     * 3.7.1): unchanged, or as A-labels; empty when the two versions of IDNA read it as different names, or as none}
     */
    static Optional<String> inAscii(String host) {
        return Stream.of(host, MailAddress.foldDomain(host))
                .filter(name -> name.chars().allMatch(c -> c < 0x80))
                .findFirst();
    }
}
