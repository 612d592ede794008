package dev.postern.spi;

import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A mailbox in the strict grammar of RFC 5321 section 4.1.2, with the UTF-8 of RFC 6531 section 3.3. An address that
 * could be misread between angle brackets cannot be built: it has no control characters, no unquoted specials, no
 * source route, a local part of at most 64 octets and a domain of at most 255. One mailbox has no domain: the recipient
 * {@code <Postmaster>} (RFC 5321 section 4.5.1), which can be constructed but is never parsed.
 *
 * @param localPart the local part as sent on the wire: a dot-string, or a quoted string with its quotes
 * @param domain a domain, or an address literal with its brackets; case is kept; empty only for Postmaster
 */
public record MailAddress(String localPart, String domain) {

    private static final int MAX_LOCAL_PART_OCTETS = 64; // RFC 5321 section 4.5.3.1.1
    private static final int MAX_DOMAIN_OCTETS = 255; // RFC 5321 section 4.5.3.1.2
    private static final int MAX_LABEL_OCTETS = 63; // RFC 1035 section 2.3.4
    private static final String JOINERS = "\u200c\u200d";
    /** Characters that IDNA 2003 maps to others but IDNA 2008 keeps as letters (UTS 46 section 1.3). */
    private static final Pattern DEVIATION = Pattern.compile("[\u00df\u03c2" + JOINERS + "]");

    /** Only US-ASCII letters: a long s does not match. */
    private static final Pattern POSTMASTER = Pattern.compile("postmaster", Pattern.CASE_INSENSITIVE);

    private static final String ATOM_SPECIALS = "!#$%&'*+-/=?^_`{|}~"; // RFC 5322 section 3.2.3

    /**
     * Checks both parts.
     *
     * @param localPart as {@link #localPart()}
     * @param domain as {@link #domain()}
     * @throws IllegalArgumentException when a part does not match the grammar
     */
    public MailAddress {
        if (!isLocalPart(localPart)) {
            throw new IllegalArgumentException("not a local part: " + Reply.printable(localPart, 80));
        }
        boolean needsNone = domain.isEmpty() && POSTMASTER.matcher(localPart).matches();
        if (!needsNone && !isDomain(domain) && !isAddressLiteral(domain)) {
            throw new IllegalArgumentException("not a domain: " + Reply.printable(domain, 80));
        }
    }

    /**
     * Parses a mailbox without angle brackets.
     *
     * @param text for instance {@code alice@example.org}
     * @return the address; empty when the text is not a mailbox
     */
    public static Optional<MailAddress> tryParse(String text) {
        int at = endOfLocalPart(text);
        if (at <= 0 || at >= text.length() - 1 || text.charAt(at) != '@') {
            return Optional.empty();
        }
        String localPart = text.substring(0, at);
        String domain = text.substring(at + 1);
        return isLocalPart(localPart) && (isDomain(domain) || isAddressLiteral(domain))
                ? Optional.of(new MailAddress(localPart, domain))
                : Optional.empty();
    }

    /**
     * Parses a mailbox without angle brackets.
     *
     * @param text for instance {@code alice@example.org}
     * @return the address
     * @throws IllegalArgumentException when the text is not a mailbox
     */
    public static MailAddress parse(String text) {
        return tryParse(text)
                .orElseThrow(() -> new IllegalArgumentException("not a mail address: " + Reply.printable(text, 80)));
    }

    /**
     * Returns whether a text is a domain name: dot-separated labels of letters, digits and inner hyphens (RFC 5321
     * section 4.1.2), or U-labels (RFC 6531 section 3.3).
     *
     * @param text any text
     * @return true when it is, with at most 255 octets in all and 63 in each label
     */
    public static boolean isDomain(String text) {
        if (text.isEmpty() || octets(text) > MAX_DOMAIN_OCTETS) {
            return false;
        }
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == '.') {
                if (!isLabel(text, start, i)) {
                    return false;
                }
                start = i + 1;
            }
        }
        return true;
    }

    /**
     * Returns whether a text is an address literal such as {@code [192.0.2.1]} or {@code [IPv6:2001:db8::1]} (RFC 5321
     * section 4.1.3).
     *
     * @param text any text
     * @return true when it is
     */
    public static boolean isAddressLiteral(String text) {
        if (text.length() < 4 || text.length() > 60 || !text.startsWith("[") || !text.endsWith("]")) {
            return false;
        }
        String inner = text.substring(1, text.length() - 1);
        return inner.regionMatches(true, 0, "IPv6:", 0, 5)
                ? isIpv6(inner.substring(5))
                : inner.matches("((25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(\\.|$)){4}") && !inner.endsWith(".");
    }

    /**
     * Folds a domain for comparison: A-labels (RFC 5890 section 2.3.2.1) in lower case, without a final dot. The
     * domain's counterpart of {@link CanonicalName}.
     *
     * @param domain a domain, or an address literal
     * @return the folded domain; the text in lower case if IDNA cannot encode it, or if IDNA 2003 and 2008 read it as
     *     different domains, such as one with a sharp s
     */
    public static String foldDomain(String domain) {
        String lower = CanonicalName.folded(domain);
        String bare = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        if (isAscii(bare) || DEVIATION.matcher(bare).find()) {
            return bare; // a domain with a deviation is another's where its servers go by the other IDNA
        }
        try {
            return IDN.toASCII(bare, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return bare; // no A-label stands for it, so it equals only itself
        }
    }

    /**
     * {@return whether the address needs SMTPUTF8 (RFC 6531 section 3.2), because it has a character outside US-ASCII}
     */
    public boolean internationalized() {
        return !isAscii(localPart) || !isAscii(domain);
    }

    /** Returns the address as sent on the wire, without angle brackets. */
    @Override
    public String toString() {
        return domain.isEmpty() ? localPart : localPart + "@" + domain;
    }

    private static int endOfLocalPart(String text) {
        if (!text.startsWith("\"")) {
            return text.indexOf('@');
        }
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                return i + 1;
            }
        }
        return -1;
    }

    private static boolean isLocalPart(String text) {
        if (text.isEmpty() || octets(text) > MAX_LOCAL_PART_OCTETS) {
            return false;
        }
        return text.charAt(0) == '"' ? isQuotedString(text) : isDotString(text);
    }

    private static boolean isDotString(String text) {
        boolean afterDot = true;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.' ? afterDot : !isAtomCharacter(text, i)) {
                return false;
            }
            afterDot = c == '.';
        }
        return !afterDot;
    }

    private static boolean isQuotedString(String text) {
        int last = text.length() - 1;
        if (last < 1 || text.charAt(last) != '"') {
            return false;
        }
        for (int i = 1; i < last; i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++; // quoted-pairSMTP: a backslash and one printable US-ASCII character
                if (i >= last || text.charAt(i) < ' ' || text.charAt(i) > '~') {
                    return false;
                }
            } else if (c == '"' || !(c >= ' ' && c <= '~' || isUtf8NonAscii(text, i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAtomCharacter(String text, int i) {
        char c = text.charAt(i);
        return isLetterOrDigit(c) || ATOM_SPECIALS.indexOf(c) >= 0 || isUtf8NonAscii(text, i);
    }

    private static boolean isLabel(String text, int start, int end) {
        if (start == end
                || octets(text.substring(start, end)) > MAX_LABEL_OCTETS
                || text.charAt(start) == '-'
                || text.charAt(end - 1) == '-') {
            return false;
        }
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (!(isLetterOrDigit(c) || c == '-' || isUtf8NonAscii(text, i) && !isIdnaDot(c))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetterOrDigit(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    /** Full stops that IDNA reads as dots would make two readers see different labels. */
    private static boolean isIdnaDot(char c) {
        return c == '\u3002' || c == '\uff0e' || c == '\uff61';
    }

    /** UTF8-non-ascii of RFC 6532, except characters that end a line or are invisible in a log. */
    private static boolean isUtf8NonAscii(String text, int i) {
        char c = text.charAt(i);
        if (c < 0xa0) {
            return false;
        }
        if (Character.isLowSurrogate(c)) {
            return i > 0 && Character.isHighSurrogate(text.charAt(i - 1)); // judged with the one before it
        }
        int codePoint = text.codePointAt(i);
        return switch (Character.getType(codePoint)) {
            case Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR,
                    Character.UNASSIGNED,
                    Character.SURROGATE -> false;
            case Character.FORMAT ->
                JOINERS.indexOf(codePoint) >= 0; // which Persian and Indic scripts cannot do without
            default -> true;
        };
    }

    private static boolean isIpv6(String text) {
        if (!text.matches("[0-9A-Fa-f:][0-9A-Fa-f:.]{1,44}") || text.indexOf(':') < 0) {
            return false;
        }
        try {
            InetAddress.getByName(text); // what begins like this and has a colon is never looked up
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    private static int octets(String text) {
        return isAscii(text) ? text.length() : text.getBytes(StandardCharsets.UTF_8).length;
    }
}
