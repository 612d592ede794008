package dev.postern.dns;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.lookup.LookupResult;
import org.xbill.DNS.lookup.LookupSession;
import org.xbill.DNS.lookup.NoSuchDomainException;
import org.xbill.DNS.lookup.NoSuchRRSetException;

/**
 * Looks TXT records up. Follows aliases, holds no cache of its own: what is cached are whole reports. Safe for use by
 * several threads.
 */
final class Txt {

    private static final int MAX_TEXTS = 100;

    /**
     * The texts at a name.
     *
     * @param texts each record's strings joined (RFC 7208 section 3.3), octets as characters; none when there is none
     * @param ttl how long they may be kept
     */
    record Answer(List<String> texts, Duration ttl) {

        /** Those that begin with a word (SPF, DMARC), whatever its case. */
        List<String> beginningWith(String word) {
            return texts.stream()
                    .filter(text -> text.regionMatches(true, 0, word, 0, word.length())
                            && (text.length() == word.length() || " ;\t".indexOf(text.charAt(word.length())) >= 0))
                    .toList();
        }
    }

    private final LookupSession session;
    private final Duration negativeTtl;

    Txt(Resolver resolver, Duration negativeTtl) {
        session = LookupSession.builder().resolver(resolver).build();
        this.negativeTtl = negativeTtl;
    }

    /** Looks a name up; fails when DNS cannot say whether there is something. */
    CompletableFuture<Answer> at(String domain) {
        Name name;
        try {
            name = Name.fromString(domain + ".");
        } catch (TextParseException e) {
            return CompletableFuture.completedFuture(none()); // no name of the DNS, so nothing is there
        }
        return session.lookupAsync(name, Type.TXT)
                .handle((result, failure) -> answer(result, failure))
                .toCompletableFuture();
    }

    private Answer answer(LookupResult result, Throwable failure) {
        if (failure == null) {
            List<String> texts = new ArrayList<>();
            long ttl = Long.MAX_VALUE;
            for (Record each : result.getRecords()) {
                if (each instanceof TXTRecord txt && texts.size() < MAX_TEXTS) {
                    texts.add(joined(txt));
                    ttl = Math.min(ttl, txt.getTTL());
                }
            }
            return texts.isEmpty() ? none() : new Answer(List.copyOf(texts), Duration.ofSeconds(ttl));
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof NoSuchDomainException || cause instanceof NoSuchRRSetException) {
            return none();
        }
        throw new CompletionException(cause);
    }

    private Answer none() {
        return new Answer(List.of(), negativeTtl);
    }

    private static String joined(TXTRecord record) {
        StringBuilder text = new StringBuilder();
        for (byte[] each : record.getStringsAsByteArrays()) {
            text.append(new String(each, StandardCharsets.ISO_8859_1));
        }
        return text.toString();
    }
}
