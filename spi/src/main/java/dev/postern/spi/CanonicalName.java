package dev.postern.spi;

import java.text.Normalizer;
import java.util.Locale;

/**
 * The canonical form in which names of users and accounts are compared and counted: Unicode NFC, then lower case by
 * {@link Locale#ROOT}. {@link Identity} keeps its names in this form, so the relay's counters, quotas, stores, log
 * lines and events use no other. Authenticators look users up by it, and a host that queries a store directly passes
 * account names in it. Thread-safe.
 *
 * <p>This is not a full profile of SASLprep (RFC 4013) or PRECIS (RFC 8265). It does NFC normalisation, and lower case
 * as RFC 8265's UsernameCaseMapped; AUTH already refuses names with control characters. It does not handle
 * compatibility forms (NFKC), widths, case folding beyond lower case ({@code ß} is not {@code ss}, and a final sigma is
 * not a medial one), accents, look-alikes from other scripts, or bidirectional text. So names that look alike but
 * differ remain different names. A directory that compares more loosely than this matches several names to one user; it
 * must then give the relay the name as stored in the directory, not as the client typed it.
 */
public final class CanonicalName {

    private CanonicalName() {}

    /**
     * Returns a user's name in its canonical form.
     *
     * @param name as typed, or as stored in a directory. A domain after the last {@code @} is folded by {@link
     *     MailAddress#foldDomain}
     * @return the canonical form, which is its own canonical form
     */
    public static String ofUser(String name) {
        int at = name.lastIndexOf('@');
        String domain = name.substring(at + 1);
        return at > 0 && MailAddress.isDomain(domain)
                ? folded(name.substring(0, at)) + "@" + MailAddress.foldDomain(domain)
                : folded(name);
    }

    /**
     * Returns an account's name in its canonical form.
     *
     * @param name as stored in a directory or a configuration. A domain is not converted to A-labels here, because an
     *     account may have any name; {@link Identity#of} converts the user's domain before it uses it as the account
     * @return the canonical form, which is its own canonical form
     */
    public static String ofAccount(String name) {
        return folded(name);
    }

    /**
     * Normalises again after lower-casing: a lower-case letter may compose with what follows it where its capital did
     * not.
     */
    static String folded(String text) {
        if (MailAddress.isAscii(text)) {
            return text.toLowerCase(Locale.ROOT);
        }
        String lower = Normalizer.normalize(text, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
        return Normalizer.normalize(lower, Normalizer.Form.NFC);
    }
}
