package dev.postern.examples.quickstart;

import dev.postern.spi.Identity;

/** A user who may log in, as the command line has it; does not show the secret. Immutable. */
record User(Identity identity, String secret) {

    static final User DEMO = new User(Identity.of("demo@example.org"), "demo");

    static User parse(String text) {
        String[] parts = text.split(":", 4);
        if (parts.length < 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
            throw wrong(); // without the text, which may be a secret
        }
        Identity identity = Identity.of(parts[0]);
        if (parts.length > 2) {
            if (parts[2].isEmpty()) {
                throw wrong();
            }
            identity = identity.withAccount(parts[2]);
        }
        if (parts.length > 3) {
            try {
                identity = identity.withDomains(parts[3].split(",", -1));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "user " + parts[0] + ": DOMAINs are separated by a comma, each once, for instance"
                                + " ann@example.org:secret:example.org:example.org,example.net",
                        e);
            }
        }
        return new User(identity, parts[1]);
    }

    /** Returns the text of a user without its secret. */
    static String masked(String text) {
        return text.replaceFirst(":[^:]*", ":***");
    }

    String name() {
        return identity.user();
    }

    @Override
    public String toString() {
        return name();
    }

    private static IllegalArgumentException wrong() {
        return new IllegalArgumentException(
                "write NAME:SECRET, NAME:SECRET:ACCOUNT or NAME:SECRET:ACCOUNT:DOMAIN,DOMAIN,"
                        + " none of them empty, and no colon in a SECRET; for instance ann@example.org:secret");
    }
}
