package dev.postern.internal.envelope;

import dev.postern.internal.octets.Octets;
import dev.postern.internal.reply.Judged;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spi.ReversePath;
import dev.postern.spi.StandardReply;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the arguments of one MAIL or RCPT command from left to right: {@code FROM:<path> parameters}. The path is read by
 * position, never by searching for the last angle bracket, so that no two readers can see different paths.
 */
final class PathParser {

    private static final int MAX_PATH = 256; // RFC 5321 section 4.5.3.1.3
    private static final Pattern POSTMASTER = Pattern.compile("postmaster", Pattern.CASE_INSENSITIVE);
    private static final Pattern BLANKS = Pattern.compile(" +");
    private static final Pattern PARAMETER = Pattern.compile("[!-~]+");
    private static final Pattern KEYWORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]*");
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,20}"); // RFC 1870 section 3
    private static final Pattern XTEXT = Pattern.compile("(?:[!-*,-<>-~]|\\+[0-9A-F]{2})*"); // RFC 3461 section 4
    private static final Pattern XTEXT_CONTROL = Pattern.compile("\\+(?:[01][0-9A-F]|7F)");
    private static final String UTF8_ORIGINAL = "ORCPT=utf-8;";
    /** RFC 6533 section 3: utf-8-addr-unitext, of characters that an address may have. */
    private static final Pattern UNITEXT =
            Pattern.compile("(?:[!-*,-<>-\\[\\]-~]|\\\\x\\{[0-9A-F]{2,6}\\}|[\\u200c\\u200d]"
                    + "|[\\x{a1}-\\x{10ffff}&&[^\\p{Cn}\\p{Cs}\\p{Cf}\\p{Z}]])+");

    private static final Pattern EMBEDDED_CONTROL =
            Pattern.compile("\\\\x\\{0*(?:[01]?[0-9A-F]|7F|[89][0-9A-F]|202[89])\\}", Pattern.CASE_INSENSITIVE);
    private static final Pattern NOTIFY =
            Pattern.compile("NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*");

    private static final Set<String> MAIL_KEYWORDS = Set.of("SIZE", "BODY", "SMTPUTF8", "AUTH");
    private static final Set<String> MAIL_DSN_KEYWORDS = Set.of("RET", "ENVID");
    private static final Set<String> RCPT_DSN_KEYWORDS = Set.of("NOTIFY", "ORCPT");

    private final String text;
    private final boolean dsn;
    private int position;

    PathParser(String text, boolean dsn) {
        this.text = text;
        this.dsn = dsn;
    }

    /** With the parameters of these keywords, beside those that every client may use. */
    Judged<Envelope> mail(Set<String> offered) {
        if (!skipPrefix("FROM:")) {
            return Judged.refused(StandardReply.BAD_ARGUMENTS, "MAIL FROM:<address>");
        }
        Optional<String> path = path();
        if (path.isEmpty()) {
            return Judged.refused(StandardReply.SENDER_SYNTAX);
        }
        Optional<MailAddress> address = MailAddress.tryParse(withoutSourceRoute(path.get()));
        if (address.isEmpty() && !path.get().isEmpty()) {
            return Judged.refused(StandardReply.SENDER_SYNTAX);
        }
        boolean internationalized = address.isPresent() && address.get().internationalized();
        ReversePath reversePath = address.map(ReversePath::of).orElse(ReversePath.empty());
        Set<String> keywords = new HashSet<>(MAIL_KEYWORDS);
        keywords.addAll(offered);
        return parameters(keywords, MAIL_DSN_KEYWORDS, false)
                .then(parameters -> internationalized && !parameters.smtpUtf8()
                        ? Judged.refused(StandardReply.SENDER_SYNTAX) // RFC 6531 section 3.3
                        : Judged.passed(new Envelope(reversePath, parameters, List.of())));
    }

    Judged<Recipient> rcpt(boolean smtpUtf8) {
        if (!skipPrefix("TO:")) {
            return Judged.refused(StandardReply.BAD_ARGUMENTS, "RCPT TO:<address>");
        }
        Optional<MailAddress> address =
                path().flatMap(PathParser::forwardPath).filter(a -> smtpUtf8 || !a.internationalized());
        if (address.isEmpty()) {
            return Judged.refused(StandardReply.RECIPIENT_SYNTAX);
        }
        return parameters(Set.of(), RCPT_DSN_KEYWORDS, smtpUtf8)
                .then(parameters -> Judged.passed(new Recipient(address.get(), parameters)));
    }

    private boolean skipPrefix(String prefix) {
        boolean there = text.regionMatches(true, 0, prefix, 0, prefix.length());
        position = there ? prefix.length() : 0;
        // many clients put a space here; RFC 5321 section 3.3 has none, and nothing can be misread by it
        while (there && position < text.length() && text.charAt(position) == ' ') {
            position++;
        }
        return there;
    }

    /** Reads what stands between the angle brackets; quoted strings may hold a bracket of their own. */
    private Optional<String> path() {
        if (position >= text.length() || text.charAt(position) != '<') {
            return Optional.empty();
        }
        int start = position + 1;
        boolean quoted = false;
        for (int i = start; i < text.length() && i - start <= MAX_PATH; i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == '>' && !quoted) {
                position = i + 1;
                boolean ends = position == text.length() || text.charAt(position) == ' ';
                return ends ? Optional.of(text.substring(start, i)) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Postmaster alone needs no domain (RFC 5321 sections 4.1.1.3 and 4.5.1). */
    private static Optional<MailAddress> forwardPath(String path) {
        return POSTMASTER.matcher(path).matches()
                ? Optional.of(new MailAddress(path, ""))
                : MailAddress.tryParse(withoutSourceRoute(path));
    }

    /** A source route is read and ignored (RFC 5321 section 4.1.1.3 and appendix C). */
    private static String withoutSourceRoute(String path) {
        if (!path.startsWith("@")) {
            return path;
        }
        int colon = path.indexOf(':');
        if (colon < 0) {
            return path;
        }
        for (String hop : path.substring(0, colon).split(",", -1)) {
            if (!hop.startsWith("@") || !MailAddress.isDomain(hop.substring(1))) {
                return path;
            }
        }
        return path.substring(colon + 1);
    }

    private Judged<EsmtpParameters> parameters(Set<String> keywords, Set<String> dsnKeywords, boolean utf8) {
        String rest = text.substring(position).strip();
        if (rest.isEmpty()) {
            return Judged.passed(EsmtpParameters.none());
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (String parameter : BLANKS.split(rest)) {
            // of those known, one takes UTF-8
            boolean readable = PARAMETER.matcher(parameter).matches()
                    || utf8 && parameter.regionMatches(true, 0, UTF8_ORIGINAL, 0, UTF8_ORIGINAL.length());
            if (!readable) {
                return badParameter(); // before case is folded: a long s would become an S
            }
            int equals = parameter.indexOf('=');
            String keyword = (equals < 0 ? parameter : parameter.substring(0, equals)).toUpperCase(Locale.ROOT);
            String value = equals < 0 ? "" : parameter.substring(equals + 1);
            if (!KEYWORD.matcher(keyword).matches() || (equals >= 0 && value.isEmpty())) {
                return badParameter();
            }
            if (!keywords.contains(keyword) && !(dsn && dsnKeywords.contains(keyword))) {
                // RFC 5321 section 4.1.1.11
                return Judged.refused(StandardReply.PARAMETER_UNSUPPORTED, Reply.printable(keyword, 40));
            }
            if (!isGood(keyword, value)) {
                return keyword.equals("BODY")
                        ? Judged.refused(StandardReply.PARAMETER_UNSUPPORTED, "BODY=" + Reply.printable(value, 40))
                        : badParameter();
            }
            if (values.putIfAbsent(keyword, value) != null) {
                return badParameter(); // a keyword twice could be read either way
            }
        }
        return Judged.passed(new EsmtpParameters(values));
    }

    private static Judged<EsmtpParameters> badParameter() {
        return Judged.refused(StandardReply.BAD_ARGUMENTS, "KEYWORD=value");
    }

    private static boolean isGood(String keyword, String value) {
        return switch (keyword) {
            case "SIZE" -> DIGITS.matcher(value).matches();
            case "BODY" -> value.equalsIgnoreCase("7BIT") || value.equalsIgnoreCase("8BITMIME");
            case "SMTPUTF8", "REQUIRETLS" -> value.isEmpty();
            case "AUTH" ->
                value.equals("<>") || isXtext(value, 500) && submitter(value).isPresent(); // RFC 4954 section 5
            case "RET" -> value.equalsIgnoreCase("FULL") || value.equalsIgnoreCase("HDRS");
            case "ENVID" -> isXtext(value, 100); // RFC 3461 section 4.4
            case "NOTIFY" -> NOTIFY.matcher(value.toUpperCase(Locale.ROOT)).matches();
            case "ORCPT" -> isOriginalRecipient(value);
            default -> false;
        };
    }

    /** {@code addr-type ";" xtext} of at most 500 octets (RFC 3461 section 4.2), or what RFC 6533 section 3 adds. */
    private static boolean isOriginalRecipient(String value) {
        int semicolon = value.indexOf(';');
        if (semicolon <= 0 || !KEYWORD.matcher(value.substring(0, semicolon)).matches()) {
            return false;
        }
        String original = value.substring(semicolon + 1);
        if (!value.regionMatches(true, 0, "utf-8;", 0, semicolon + 1)) {
            return isXtext(original, 500);
        }
        return !EMBEDDED_CONTROL.matcher(original).find()
                && (isXtext(original, 500)
                        || original.getBytes(StandardCharsets.UTF_8).length <= 500
                                && UNITEXT.matcher(original).matches());
    }

    /** What decodes to a control character could start a line or end a log entry further on. */
    private static boolean isXtext(String value, int max) {
        return !value.isEmpty()
                && value.length() <= max
                && XTEXT.matcher(value).matches()
                && !XTEXT_CONTROL.matcher(value).find();
    }

    /** The mailbox that a value of AUTH= stands for, itself xtext. */
    static Optional<MailAddress> submitter(String xtext) {
        byte[] mailbox = Octets.unescape(xtext.getBytes(StandardCharsets.US_ASCII), '+');
        return Octets.utf8(mailbox, 0, mailbox.length).flatMap(MailAddress::tryParse);
    }
}
