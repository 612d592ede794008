package dev.postern.internal.content.header;

import dev.postern.spi.MailAddress;
import java.util.regex.Pattern;

/**
 * Reads a mailbox-list of RFC 5322 section 3.4 in one pass: takes off comments and quoted strings, counts addresses.
 */
final class MailboxGrammar {

    private enum Position {
        /** Before an angle bracket: display name or bare address. */
        OUTSIDE,
        /** Between angle brackets. */
        BRACKETS,
        /** Behind the closing angle bracket. */
        BEHIND
    }

    static final Author.None UNCLEAR = new Author.None("From: has no clear address");

    /** A group without members (RFC 6854 section 2.1). */
    private static final Pattern EMPTY_GROUP = Pattern.compile("[^:;]+:\\s*;");

    private final String text;
    private int at;
    private Position position = Position.OUTSIDE;
    private final StringBuilder bare = new StringBuilder(); // without comments
    private final StringBuilder bracketed = new StringBuilder();
    private final StringBuilder shown = new StringBuilder(); // display name, quoted strings and comments
    private int doubtfulComment = -1; // where the address has a comment that could be more than one
    private boolean spacedOut; // the address has blanks or comments round its parts
    private boolean unclear;
    private boolean group;
    private int mailboxes;
    private int addresses;
    private String outside = ""; // the brackets
    private String only = "";

    MailboxGrammar(String text) {
        this.text = text;
    }

    Author read() {
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            switch (c) {
                case '(' -> comment();
                case '"' -> quoted();
                case '[' -> literal();
                case ',' -> endOfMailbox();
                case ':', ';' -> {
                    group = true;
                    append(c);
                }
                case '<' -> unclear |= !openBracket();
                case '>' -> unclear |= !closeBracket();
                default -> append(c);
            }
        }
        endOfMailbox();
        if (addresses > 1) {
            return new Author.Several();
        }
        if (!unclear && mailboxes == 1 && namesNobody()) {
            return new Author.Nobody();
        }
        if (unclear || group || addresses != mailboxes) {
            return UNCLEAR;
        }
        // "=?" would be an address to us and an encoded word to a mail program (RFC 2047 section 5 forbids it there)
        return only.contains("=?")
                ? UNCLEAR
                : MailAddress.tryParse(only)
                        .<Author>map(address -> new Author.One(address, shown.toString()))
                        .orElse(UNCLEAR);
    }

    /** What mail programs show of it, comments included. */
    String shown() {
        return shown.toString();
    }

    /** Tells whether blanks or comments stand within the address, where the grammar has them. */
    boolean isSpacedOut() {
        return spacedOut;
    }

    private boolean namesNobody() {
        if (group) {
            return addresses == 0 && EMPTY_GROUP.matcher(outside).matches();
        }
        return addresses == 0
                ? isMailSystem(outside)
                : only.isEmpty() || only.equals("@") || isMailSystem(only); // as qmail, Courier and sendmail write
    }

    /** The two names by which mail systems speak (RFC 5321 section 4.5.1, and custom). */
    static boolean isMailSystem(String localPart) {
        return localPart.equalsIgnoreCase("MAILER-DAEMON") || localPart.equalsIgnoreCase("postmaster");
    }

    private boolean openBracket() {
        boolean expected = position == Position.OUTSIDE && bracketed.isEmpty();
        position = Position.BRACKETS;
        return expected;
    }

    private boolean closeBracket() {
        boolean expected = position == Position.BRACKETS;
        position = Position.BEHIND;
        return expected;
    }

    /** Ends a mailbox at a comma or the end. */
    private void endOfMailbox() {
        mailboxes++;
        outside = bare.toString().strip();
        if (position == Position.OUTSIDE) {
            addresses += outside.indexOf('@') >= 0 ? 1 : 0;
            only = addressOf(bare);
            unclear |= outside.isEmpty();
        } else {
            only = addressOf(bracketed);
            // an address for a display name, which some readers take for the author; many programs repeat the author's
            boolean otherAddress = outside.indexOf('@') >= 0 && !outside.equalsIgnoreCase(only);
            unclear |= position == Position.BRACKETS || otherAddress;
            addresses++;
        }
        doubtfulComment = -1;
        bare.setLength(0);
        bracketed.setLength(0);
        position = Position.OUTSIDE;
    }

    /**
     * Takes blanks and comments off an address where the grammar has them: at its ends and round its at sign (RFC 5322 section
     * 3.4.1). Round the dots they are obsolete, and some readers end the address there, so that none may be left.
     */
    private String addressOf(StringBuilder text) {
        int start = 0;
        while (start < text.length() && text.charAt(start) <= ' ') {
            start++;
        }
        int end = text.length();
        while (end > start && text.charAt(end - 1) <= ' ') {
            end--;
        }
        unclear |= position == Position.OUTSIDE && doubtfulComment > start && doubtfulComment < end;
        int at = text.lastIndexOf("@");
        int local = at;
        int domain = at + 1;
        while (local > start && text.charAt(local - 1) <= ' ') {
            local--;
        }
        while (domain < end && text.charAt(domain) <= ' ') {
            domain++;
        }
        boolean inside = position != Position.OUTSIDE && end - start < text.length();
        spacedOut |= inside || at >= 0 && domain - local > 1;
        return at < 0 ? text.substring(start, end) : text.substring(start, local) + "@" + text.substring(domain, end);
    }

    private void append(char c) {
        switch (position) {
            case BRACKETS -> bracketed.append(c);
            case OUTSIDE -> {
                bare.append(c);
                shown.append(c);
            }
            case BEHIND -> unclear |= !Character.isWhitespace(c); // only comments may follow a bracket
        }
    }

    private void append(String piece) {
        for (int i = 0; i < piece.length(); i++) {
            append(piece.charAt(i));
        }
    }

    /** Skips a comment with those within it; within an address, none may look like more than a comment. */
    private void comment() {
        int depth = 0;
        int start = at + 1;
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\\') {
                at++;
            } else if (c == '(') {
                depth++;
            } else if (c == ')' && --depth == 0) {
                shown.append(' ').append(text, start, at);
                if (text.substring(start, at).chars().anyMatch(inside -> "@<>,;:\"\\".indexOf(inside) >= 0)) {
                    doubtfulComment = position == Position.BRACKETS ? bracketed.length() : bare.length();
                    unclear |= position == Position.BRACKETS;
                }
                append(" ");
                return;
            }
        }
        unclear = true;
    }

    /**
     * Takes a quoted string: whole as a local part, which an at sign follows behind blanks and comments, else as a word of a
     * display name.
     */
    private void quoted() {
        int start = at;
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\\') {
                at++;
            } else if (c == '"') {
                boolean name = position == Position.OUTSIDE && !atSignFollows();
                if (name) {
                    shown.append(text, start + 1, at);
                    bare.append('_');
                } else {
                    append(text.substring(start, at + 1));
                }
                return;
            }
        }
        unclear = true;
    }

    private boolean atSignFollows() {
        int depth = 0;
        for (int i = at + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (depth > 0 && c == '\\') {
                i++;
            } else if (c == '(') {
                depth++;
            } else if (c == ')' && depth > 0) {
                depth--;
            } else if (depth == 0 && c > ' ') {
                return c == '@';
            }
        }
        return false;
    }

    private void literal() {
        int end = text.indexOf(']', at);
        if (end < 0) {
            unclear = true;
            at = text.length();
        } else {
            append(text.substring(at, end + 1));
            at = end;
        }
    }
}
