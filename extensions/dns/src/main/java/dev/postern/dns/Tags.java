package dev.postern.dns;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A tag-list (RFC 6376 section 3.2). */
final class Tags {

    private Tags() {}

    /** Whether a name comes twice: then verifiers take none of the list. */
    static boolean isAnyTwice(String text) {
        long tags = Arrays.stream(text.split(";"))
                .filter(each -> each.indexOf('=') > 0)
                .count();
        return parse(text).size() < tags;
    }

    /** Reads names and values; of a name that comes twice, the first counts. What is no tag is left out. */
    static Map<String, String> parse(String text) {
        Map<String, String> tags = new LinkedHashMap<>();
        for (String each : text.split(";")) {
            int equals = each.indexOf('=');
            if (equals > 0) {
                tags.putIfAbsent(
                        each.substring(0, equals).strip().toLowerCase(Locale.ROOT),
                        each.substring(equals + 1).strip());
            }
        }
        return tags;
    }
}
