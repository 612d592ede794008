package dev.postern.internal.content.header;

import dev.postern.internal.octets.Octets;
import dev.postern.spi.MailAddress;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.util.Optional;

/**
 * Who From: says (RFC 5322 section 3.6.2). Only a plain mailbox counts: {@code local@domain}, or one in angle brackets behind
 * a display name, and our own grammar and jakarta.mail's have to find the same address. Groups with members (RFC 6854), source
 * routes and what is obsolete and unclear are refused.
 */
public sealed interface Author {

    /** Exactly one address; the display name is what a mail program would show, comments included. */
    record One(MailAddress address, String displayName) implements Author {

        /** Tells whether it is one of the two names by which mail systems speak. */
        public boolean isMailSystem() {
            return MailboxGrammar.isMailSystem(address.localPart());
        }
    }

    /** None, on purpose: {@code MAILER-DAEMON <>}, an empty group (RFC 6854), the bare name of a mail system. */
    record Nobody() implements Author {}

    /** More than one. */
    record Several() implements Author {}

    /** None, or none that is clear. */
    record None(String reason) implements Author {}

    /** Reads the value of a From: field, with its folds. */
    static Author of(byte[] field) {
        if (field.length > HeaderSection.MAX_VALUE) {
            return new None("From: over " + HeaderSection.MAX_VALUE + " octets");
        }
        Optional<String> text = Octets.utf8(field, 0, field.length); // RFC 6532 section 3.2
        if (text.isEmpty()) {
            return new None("From: is not UTF-8");
        }
        if (hasControls(text.get())) {
            return new None("control characters in From:");
        }
        MailboxGrammar grammar = new MailboxGrammar(text.get());
        Author author = grammar.read();
        if (author instanceof Nobody && mayShowAnAddress(text.get(), grammar.shown())) {
            return new None(MailboxGrammar.UNCLEAR.reason());
        }
        if (!(author instanceof One one)) {
            return author;
        }
        if (!agrees(text.get(), one.address(), grammar.isSpacedOut())) {
            return new None("From: can be read in two ways");
        }
        String shown = EncodedWords.decode(one.displayName()).strip();
        // no program writes them, and some readers cut a name off at one, or take it for a line's end; those above
        // 127 are quotation marks of Windows under the name of another charset
        return shown.chars().anyMatch(c -> c < ' ' && c != '\t' || c == 0x7f)
                ? new None("encoded control characters in From:")
                : new One(one.address(), shown);
    }

    /** Without an at sign no reader can make an address of it; an encoded word that we cannot read might have one. */
    private static boolean mayShowAnAddress(String text, String name) {
        String shown = Text.visible(EncodedWords.decode(name));
        return text.replace("<@>", "<>").indexOf('@') >= 0 || shown.indexOf('@') >= 0 || shown.contains("=?");
    }

    private static boolean hasControls(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' && c != '\t' || c >= 0x7f && c < 0xa0) {
                return true;
            }
        }
        return false;
    }

    /** Jakarta Mail ends an address at a blank or comment before its at sign, or refuses it: that is no other address. */
    private static boolean agrees(String text, MailAddress address, boolean spacedOut) {
        try {
            // composed (UTS 46 section 4), for it takes no combining mark for a letter
            InternetAddress[] parsed = InternetAddress.parseHeader(Text.composed(text), true);
            if (parsed.length != 1 || parsed[0].isGroup()) {
                return false;
            }
            String found = parsed[0].getAddress();
            String expected = Text.composed(address.toString());
            return expected.equals(found) || spacedOut && found.indexOf('@') < 0;
        } catch (AddressException e) {
            return spacedOut;
        }
    }
}
