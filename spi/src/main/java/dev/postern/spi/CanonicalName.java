package dev.postern.spi;

import java.text.Normalizer;
import java.util.Locale;

/**
 * The one form in which names of users and accounts are compared and counted, whatever was typed: Unicode's NFC, then lower
 * case by {@link Locale#ROOT}. {@link Identity} keeps its names in this form, so the relay's counters, quota, stores, log
 * lines and events have no other. An authenticator looks its users up by it, and a host that asks a store directly names an
 * account by it. For any thread.
 *
 * <p>This is no full profile of SASLprep (RFC 4013) or PRECIS (RFC 8265). Done: normalisation to NFC, and mapping to lower
 * case as RFC 8265's UsernameCaseMapped does it; names with control characters are refused at AUTH already. Not done:
 * compatibility forms (NFKC) and widths, case folding beyond lower case ({@code ß} is not {@code ss}, and a final sigma is
 * not a medial one), accents, look-alikes of other scripts, the check of bidirectional text. So names that look alike but
 * differ stay different names. A directory that compares more laxly than this takes several names for one user; it has to
 * give the relay the name as it stands in the directory, not as the client typed it.
 */
public final class CanonicalName {

    private CanonicalName() {}

    /**
     * Returns a user's name in its canonical form.
     *
     * @param name as it was typed, or stands in a directory. Behind the last {@code @}, a domain becomes what {@link
     *     MailAddress#foldDomain} makes of it
     * @return the form to compare; its own canonical form
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
     * @param name as it stands in a directory or a configuration. A domain is not made one of A-labels here, for an account
     *     may have any name; {@link Identity#of} does so with a user's domain that it takes for the account
     * @return the form to compare; its own canonical form
     */
    public static String ofAccount(String name) {
        return folded(name);
    }

    /** NFC once more, for a letter in lower case may be composed with what follows it where its capital was not. */
    static String folded(String text) {
        if (MailAddress.isAscii(text)) {
            return text.toLowerCase(Locale.ROOT);
        }
        String lower = Normalizer.normalize(text, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
        return Normalizer.normalize(lower, Normalizer.Form.NFC);
    }
}
