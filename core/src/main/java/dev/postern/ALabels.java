package dev.postern;

import dev.postern.spi.MailAddress;
import java.util.Optional;
import java.util.stream.Stream;

/** Names of hosts as DNS, certificates, greetings and EHLO have them: in US-ASCII (RFC 5890 section 2.3.2.1, RFC 6531 section 3.7.1). */
final class ALabels {

    private ALabels() {}

    /** {@return the name as it is, or its A-labels; empty when the two versions of IDNA take it for different names, or for none} */
    static Optional<String> of(String host) {
        return Stream.of(host, MailAddress.foldDomain(host))
                .filter(name -> name.chars().allMatch(c -> c < 0x80))
                .findFirst();
    }
}
