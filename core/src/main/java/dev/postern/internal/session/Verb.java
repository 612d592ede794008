package dev.postern.internal.session;

import dev.postern.spi.RelayEvent;

/** The verbs of the protocol, with the longest command line that each may have. */
enum Verb {
    EHLO,
    HELO,
    STARTTLS,
    AUTH(Verb.AUTH_LINE),
    // RFC 5321 section 4.5.3.1.4, and what SIZE, BODY, AUTH=, SMTPUTF8, RET, ENVID and REQUIRETLS
    // add (RFC 1870 section 3, 6152 2, 4954 3, 6531 3.1, 3461 4.4, 8689 2)
    MAIL(512 + 26 + 17 + 500 + 10 + 9 + 107 + 11),
    RCPT(512 + 28 + 501), // NOTIFY and ORCPT (RFC 3461 sections 4.1 and 4.2)
    DATA,
    BDAT,
    RSET,
    NOOP,
    VRFY,
    EXPN,
    HELP,
    QUIT,
    ETRN,
    TURN,
    SEND,
    SOML,
    SAML,
    // HTTP's (RFC 9110 section 9): a web page can make a browser send a request to any port, with commands in its body
    CONNECT,
    DELETE,
    GET,
    HEAD,
    OPTIONS,
    PATCH,
    POST,
    PUT,
    TRACE,
    UNKNOWN;

    /** RFC 4954 section 4. */
    static final int AUTH_LINE = 12_288;

    private static final Verb[] ALL = values();

    private final long packed;
    private final int length;
    private final int maxLine;

    Verb() {
        this(512); // RFC 5321 section 4.5.3.1.4
    }

    Verb(int maxLine) {
        this.maxLine = maxLine;
        long value = 0;
        for (int i = 0; i < name().length(); i++) {
            value = value << 8 | name().charAt(i);
        }
        this.packed = value;
        this.length = name().length();
    }

    /** Reads a verb in any case, without making an object of it. */
    static Verb of(byte[] buffer, int offset, int length) {
        if (length < 3 || length > 8) {
            return UNKNOWN;
        }
        long value = 0;
        for (int i = offset; i < offset + length; i++) {
            int c = buffer[i];
            value = value << 8 | (c >= 'a' && c <= 'z' ? c - 32 : c & 0xff);
        }
        for (Verb verb : ALL) {
            // by length too: NULs in front would vanish in the number
            if (verb.packed == value && verb.length == length && verb != UNKNOWN) {
                return verb;
            }
        }
        return UNKNOWN;
    }

    /** Where in a session its refusal happens, as an event tells it. */
    RelayEvent.Stage stage() {
        return switch (this) {
            case EHLO, HELO -> RelayEvent.Stage.HELLO;
            case STARTTLS -> RelayEvent.Stage.STARTTLS;
            case AUTH -> RelayEvent.Stage.AUTH;
            case MAIL -> RelayEvent.Stage.MAIL;
            case RCPT -> RelayEvent.Stage.RCPT;
            case DATA, BDAT -> RelayEvent.Stage.CONTENT;
            default -> RelayEvent.Stage.OTHER;
        };
    }

    /** The longest line in octets, CRLF included. */
    int maxLine() {
        return maxLine;
    }
}
