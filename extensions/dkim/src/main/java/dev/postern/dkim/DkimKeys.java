package dev.postern.dkim;

import dev.postern.spi.Identity;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Selects the keys that sign a domain's mail. Called once for each message, on the session's thread, concurrently. May
 * block, but must bound its own time because the client is waiting. When it throws, the message is not sent.
 */
@FunctionalInterface
public interface DkimKeys {

    /**
     * Looks up keys.
     *
     * @param identity who sends
     * @param domain the domain of the From: address, folded by {@link dev.postern.spi.MailAddress#foldDomain}
     * @return the keys, each of which makes a signature, in this order; empty to send unsigned; never null
     */
    List<DkimKey> keysFor(Identity identity, String domain);

    /**
     * Returns a fixed set of keys. A domain's mail is signed with its own keys, or with those of the nearest domain
     * above it that has some (which DMARC accepts by default, RFC 7489 section 3.1.1).
     *
     * @param keys the keys of any number of domains; use two for a domain to sign with RSA and Ed25519
     * @return the keys
     */
    static DkimKeys of(DkimKey... keys) {
        Map<String, List<DkimKey>> byDomain =
                List.of(keys).stream().collect(Collectors.groupingBy(DkimKey::domain, Collectors.toUnmodifiableList()));
        return (identity, domain) -> {
            String each = domain;
            while (!byDomain.containsKey(each) && each.indexOf('.') >= 0) {
                each = each.substring(each.indexOf('.') + 1);
            }
            return byDomain.getOrDefault(each, List.of());
        };
    }
}
