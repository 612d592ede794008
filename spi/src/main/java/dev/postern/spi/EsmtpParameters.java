package dev.postern.spi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The ESMTP parameters of a MAIL or RCPT command (RFC 5321 section 4.1.2), such as {@code BODY=8BITMIME}, in the order
 * given.
 *
 * @param values the values by keyword in upper case; empty for a keyword without a value
 */
public record EsmtpParameters(Map<String, String> values) {

    private static final Pattern KEYWORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]*");
    private static final Pattern SIZE = Pattern.compile("[0-9]{1,20}");
    private static final EsmtpParameters NONE = new EsmtpParameters(Map.of());

    /**
     * Copies the values and checks them.
     *
     * @param values as {@link #values()}
     * @throws IllegalArgumentException when a keyword or a value does not match the grammar of RFC 5321 section 4.1.2,
     *     or a keyword occurs twice
     */
    public EsmtpParameters {
        Map<String, String> copy = new LinkedHashMap<>();
        values.forEach((keyword, value) -> {
            if (!KEYWORD.matcher(keyword).matches()) {
                throw new IllegalArgumentException("not an esmtp-keyword: " + Reply.printable(keyword, 80));
            }
            // esmtp-value: no "=", no space, no control characters
            if (value.chars().anyMatch(c -> c <= ' ' || c == '=' || c == 0x7f || c >= 0x80 && c < 0xa0)) {
                throw new IllegalArgumentException("not an esmtp-value: " + Reply.printable(value, 80));
            }
            String upper = keyword.toUpperCase(Locale.ROOT);
            if (upper.equals("SIZE") && !SIZE.matcher(value).matches()) { // RFC 1870 section 3
                throw new IllegalArgumentException("not a size-value: " + Reply.printable(value, 80));
            }
            if (copy.putIfAbsent(upper, value) != null) {
                throw new IllegalArgumentException("given twice: " + upper);
            }
        });
        values = Collections.unmodifiableMap(copy);
    }

    /** {@return the parameters of a command that has none} */
    public static EsmtpParameters none() {
        return NONE;
    }

    /**
     * Returns a parameter's value.
     *
     * @param keyword the keyword, in upper case
     * @return the value, possibly an empty string; empty when the parameter was not given
     */
    public Optional<String> get(String keyword) {
        return Optional.ofNullable(values.get(keyword));
    }

    /**
     * {@return the size in octets that the client declared (RFC 1870 section 6); empty without SIZE. A size that a long
     * cannot hold is {@link Long#MAX_VALUE}}
     */
    public OptionalLong size() {
        String digits = values.get("SIZE");
        if (digits == null) {
            return OptionalLong.empty();
        }
        String significant = digits.replaceFirst("^0+(?=.)", ""); // RFC 1870 section 3 lets a client fill up
        return OptionalLong.of(significant.length() > 18 ? Long.MAX_VALUE : Long.parseLong(significant));
    }

    /** {@return whether {@code BODY=8BITMIME} says that the content may have octets above 127 (RFC 6152 section 2)} */
    public boolean eightBitMime() {
        return "8BITMIME".equalsIgnoreCase(values.get("BODY"));
    }

    /** {@return whether SMTPUTF8 says that addresses and header may be in UTF-8 (RFC 6531 section 3.4)} */
    public boolean smtpUtf8() {
        return values.containsKey("SMTPUTF8");
    }

    /** Returns the parameters as sent on the wire, for instance {@code SIZE=10 BODY=8BITMIME}. */
    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(e -> e.getValue().isEmpty() ? e.getKey() : e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(" "));
    }
}
