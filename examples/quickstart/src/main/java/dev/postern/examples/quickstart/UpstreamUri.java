package dev.postern.examples.quickstart;

import dev.postern.Upstream;

/** Where to relay to, as the command line has it; does not show the password. Immutable. */
record UpstreamUri(String uri) {

    /** Reads it; whether its password may go in clear is another option's to say. */
    static UpstreamUri parse(String text) {
        Upstream.ofPlaintextAuth(text);
        return new UpstreamUri(text);
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
        return Upstream.ofPlaintextAuth(uri).toString();
    }
}
