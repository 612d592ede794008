package dev.postern.ldap;

/** What the directory has of a user makes no identity; an operator has to mend it. */
final class UnusableEntryException extends RuntimeException {

    private static final long serialVersionUID = 1;

    UnusableEntryException(String dn, String problem) {
        super(dn + " " + problem);
    }
}
