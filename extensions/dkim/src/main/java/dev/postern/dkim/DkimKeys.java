package dev.postern.dkim;

import dev.postern.spi.Identity;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Says with which keys mail of a domain is signed. Asked once for each message, on the session's thread, concurrently;
 * may block, and bounds its own time, for the client waits. One that throws keeps the message from being sent.
 */
@FunctionalInterface
public interface DkimKeys {

    /**
     * Looks keys up.
     *
     * @param identity who sends
     * @param domain the domain of the From: address, folded as {@link dev.postern.spi.MailAddress#foldDomain} does
     * @return one signature is made with each, in this order; empty to send unsigned; never null
     */
    List<DkimKey> keysFor(Identity identity, String domain);

    /**
     * Keys that are there from the beginning. Mail of a domain is signed with the keys of this domain, or of the nearest
     * one above it that has some (which DMARC takes by default, RFC 7489 section 3.1.1).
     *
     * @param keys of any number of domains; two of a domain for RSA and Ed25519
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
