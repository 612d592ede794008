package dev.postern.examples.quickstart;

import dev.postern.Upstream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where to relay to, as the command line has it; does not show the password. Immutable. */
record UpstreamUri(String uri) {

    /** A user without a password. */
    private static final Pattern USER_ALONE = Pattern.compile("([a-z+]+://[^:@/]+)(@.*)");

    private static final Pattern PASSWORD = Pattern.compile("(//[^:@/]*:)[^@]*@");

    /** Reads it; whether its password may go in clear, and which file has it, is another option's to say. */
    static UpstreamUri parse(String text) {
        UpstreamUri read = new UpstreamUri(text);
        Upstream.ofPlaintextAuth(read.withAnyPassword());
        return read;
    }

    /** Returns the text of a URI without its password. */
    static String masked(String text) {
        return PASSWORD.matcher(text).replaceFirst("$1***@");
    }

    boolean needsPassword() {
        return USER_ALONE.matcher(uri).matches();
    }

    /** Adds the password of the user who has none. */
    UpstreamUri withPassword(String password) {
        Matcher parts = USER_ALONE.matcher(uri);
        if (!parts.matches()) {
            throw new IllegalStateException("has a password, or no user");
        }
        // the JDK encodes for forms, where + is a blank
        String encoded = URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20");
        return new UpstreamUri(parts.group(1) + ":" + encoded + parts.group(2));
    }

    /** The text as it can be read, before the password of a user who has none is known. */
    private String withAnyPassword() {
        return needsPassword() ? withPassword("unknown").uri : uri;
    }

    Upstream upstream(boolean plaintextAuth) {
        if (plaintextAuth) {
            return Upstream.ofPlaintextAuth(uri);
        }
        try {
            return Upstream.of(uri);
        } catch (IllegalArgumentException e) { // it was read already, so there is one reason only
            throw new WrongArgumentException("--upstream: the password for " + this + " would go in clear:"
                    + " write smtp+starttls:// or smtps://, or add --allow-plaintext-upstream-auth");
        }
    }

    /** Returns scheme, host and port. */
    @Override
    public String toString() {
        return Upstream.ofPlaintextAuth(withAnyPassword()).toString();
    }
}
