package dev.postern.spi;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue: every reply that the relay gives of its own accord, exact to the octet. The rows of {@link
 * Part#CONTRACT} are a promise to client programmers; those of {@link Part#PROTOCOL} fill in what the RFCs ask for. A
 * text's {@code {parameters}} are filled in by {@link #reply(Object...)}.
 */
public enum StandardReply {
    /** Unknown user or wrong secret. */
    AUTH_CREDENTIALS_INVALID(
            "535 5.7.8 Authentication credentials invalid",
            "AUTH with an unknown user or a wrong secret; both look the same. Counts as a failed login of the client's"
                    + " address",
            "Correct user name and password; do not retry unchanged"),
    /** AUTH in clear where TLS is required. */
    AUTH_REQUIRES_TLS(
            "538 5.7.0 Must issue a STARTTLS command first",
            "AUTH without TLS, where TLS is required for it",
            "Use STARTTLS, or the implicit TLS port"),
    /** A command that needs authentication first. */
    AUTH_REQUIRED(
            "530 5.7.0 Authentication required",
            "MAIL, RCPT, DATA, BDAT, VRFY or EXPN before a successful AUTH",
            "Authenticate first"),
    /** Too many failed logins from this address. */
    AUTH_BLOCKED(
            "535 5.7.8 Authentication blocked due to too many failed attempts",
            "AUTH from an address with too many failed logins; credentials are not looked at",
            "Wait for the block to end, then use the right credentials"),
    /** The account has no relay service. */
    AUTH_RELAY_DISABLED(
            "535 5.7.8 SMTP relay is not enabled for this account",
            "AUTH with the right credentials of an account that has no relay service",
            "Have the operator enable the relay for the account"),
    /** The account's quota is used up. */
    QUOTA_EXCEEDED(
            "452 4.2.2 Quota exceeded for the current period",
            "MAIL when nothing is left of the account's quota; RCPT when this recipient would exceed it",
            "Try again in the next period, or have the quota raised"),
    /** One recipient more than a message may have. */
    TOO_MANY_RECIPIENTS(
            "452 4.5.3 Too many recipients (max {max} per message)",
            "RCPT beyond the limit; the earlier recipients stand and the message may go on",
            "Send the message to the rest in another transaction"),
    /** The user has too many sessions. */
    USER_SESSIONS_EXCEEDED(
            "454 4.7.0 Too many active sessions for user",
            "AUTH with right credentials, when the user has as many authenticated sessions as allowed",
            "Close a session, or try again later"),
    /** The account has too many sessions. */
    ACCOUNT_SESSIONS_EXCEEDED(
            "454 4.7.0 Too many active sessions for account",
            "AUTH with right credentials, when the account has as many authenticated sessions as allowed",
            "Close a session, or try again later"),
    /** The client's address has too many connections. */
    IP_SESSIONS_EXCEEDED(
            "454 4.7.0 Too many active sessions for IP address. Please retry later.",
            true,
            "in place of the greeting, when the client's address has as many connections as allowed",
            "Use fewer connections, or try again later"),
    /** The reverse-path is no valid mailbox. */
    SENDER_SYNTAX(
            "501 5.5.4 Bad sender address syntax",
            "MAIL whose reverse-path is no valid mailbox; <> is valid",
            "Correct the envelope sender"),
    /** The forward-path is no valid mailbox. */
    RECIPIENT_SYNTAX(
            "501 5.5.4 Recipient rejected: bad recipient address syntax",
            "RCPT whose forward-path is no valid mailbox",
            "Correct or drop the recipient"),
    /** The message is over the maximum size. */
    MESSAGE_TOO_LARGE(
            "523 5.3.4 Message size exceeds fixed maximum message size",
            "MAIL whose SIZE is above the maximum, or content above it",
            "Make the message smaller; the EHLO reply announces the maximum"),
    /** The content is no well-formed message. */
    MIME_INVALID(
            "550 5.6.0 Failed to parse MIME structure",
            "content with broken headers, boundaries or transfer encodings, over the nesting, part or header limits, or"
                    + " with an attachment that is not what its file name says",
            "Repair the program that makes the message"),
    /** More than one author address. */
    FROM_MULTIPLE(
            "554 5.6.0 Multiple header From: addresses is not supported",
            "more than one address in From:, or more than one From: field",
            "Send with one From: address"),
    /** The author's domain is not the user's. */
    FROM_DOMAIN_MISMATCH(
            "554 5.6.0 Header From: address domain does not match authenticated user domain",
            "the From: domain is none of the authenticated identity's",
            "Send from a domain of the account, or have the domain added"),
    /** The author's domain is not validated for sending. */
    DOMAIN_NOT_AUTHENTICATED(
            "550 5.6.0 The domain is not correctly authenticated",
            "the From: domain belongs to the identity but is not validated for sending",
            "Complete the domain's validation"),
    /** The upstream took the connection but not the message. */
    UPSTREAM_RELAY_FAILED(
            "421 4.4.2 Temporary local problem: unable to relay message",
            true,
            "the upstream answered 4xx, was lost or too slow, or a store (quota, sessions) failed",
            "Reconnect and try again later"),
    /** No upstream could be reached. */
    UPSTREAM_UNREACHABLE(
            "421 4.4.2 Temporary local problem: unable to connect to upstream relay",
            true,
            "no connection to any upstream: refused, too slow, TLS or login towards it failed, no usable greeting,"
                    + " circuit open, or no turn within its limits",
            "Reconnect and try again later"),
    /** Nothing was received for too long. */
    INACTIVITY(
            "421 4.7.0 Closing connection due to inactivity",
            true,
            "nothing received for the inactivity time, at any point of the session",
            "Reconnect when there is mail to send"),
    /** The session is too old. */
    SESSION_LIFETIME(
            "421 4.7.0 Session lifetime exceeded, closing connection",
            true,
            "the connection is as old as allowed; a message whose content is complete is answered first",
            "Reconnect and go on"),
    /** One message more than a session may have. */
    TOO_MANY_MESSAGES(
            "421 4.7.0 Too many messages per session, closing connection",
            true,
            "MAIL after as many accepted messages as a session may have",
            "Reconnect and go on"),

    /** The greeting. */
    GREETING("220 {host} ESMTP {name} ready", "a connection was made", "Go on with EHLO"),
    /** The reply to QUIT. */
    GOODBYE("221 2.0.0 Closing connection", true, "QUIT", "None"),
    /** The reply to HELO. */
    HELLO("250 {host}", "HELO", "Go on; EHLO offers more"),
    /** The reply to HELP. */
    HELP_TEXT("214 2.0.0 Commands: {verbs}", "HELP", "None"),
    /** The reply to STARTTLS. */
    TLS_READY("220 2.0.0 Ready to start TLS", "STARTTLS", "Start the TLS handshake"),
    /** A SASL challenge. */
    AUTH_CHALLENGE("334 {challenge}", "AUTH, when the mechanism needs more from the client", "Answer it in base64"),
    /** A successful login. */
    AUTH_SUCCEEDED("235 2.7.0 Authentication succeeded", "AUTH with right credentials", "Go on with MAIL"),
    /** An accepted reverse-path. */
    SENDER_OK("250 2.1.0 Sender ok", "MAIL", "Go on with RCPT"),
    /** An accepted forward-path. */
    RECIPIENT_OK("250 2.1.5 Recipient ok", "RCPT", "Go on with RCPT, DATA or BDAT"),
    /** The reply to RSET. */
    RESET_OK("250 2.0.0 Reset", "RSET", "Go on with MAIL"),
    /** The reply to NOOP. */
    NOOP_OK("250 2.0.0 Ok", "NOOP", "None"),
    /** The content may be sent. */
    CONTENT_START("354 End data with <CR><LF>.<CR><LF>", "DATA", "Send the content"),
    /** A chunk that is not the last was received. */
    CHUNK_OK("250 2.0.0 {octets} octets received", "BDAT without LAST", "Send the next chunk"),
    /** The upstream has taken responsibility for the message. */
    MESSAGE_ACCEPTED(
            "250 2.0.0 Ok: relayed as {upstream}",
            "the upstream has taken the message; its own words follow",
            "None: the message is the upstream's now"),
    /** A queue of the relay's own has taken responsibility for the message. */
    MESSAGE_QUEUED(
            "250 2.0.0 Ok: queued as {id}",
            "a spool has the message, durably, and sends it on",
            "None: the message reaches the upstream, or its sender hears of it"),
    /** The reply to VRFY. */
    VERIFY_UNSUPPORTED(
            "252 2.5.2 Cannot VRFY user, but will accept message and attempt delivery", "VRFY", "Send the message"),
    /** A verb that is not known. */
    COMMAND_UNKNOWN("500 5.5.2 Command not recognized", "unknown verb", "Correct the command"),
    /** A verb that is known and not supported. */
    COMMAND_UNSUPPORTED(
            "502 5.5.1 Command not implemented",
            "EXPN, ETRN, TURN, SEND, SOML or SAML; AUTH or STARTTLS on a relay that has none",
            "Do without the command"),
    /** A command line over its limit. */
    LINE_TOO_LONG("500 5.5.2 Line too long", "a command line over its limit", "Shorten the command"),
    /** A command line that is no line of text. */
    LINE_MALFORMED(
            "500 5.5.2 Command line must be text that ends with CRLF",
            "a command line with NUL or another control character, or octets that are not UTF-8",
            "Correct the line"),
    /** A line that another server could take for several. */
    LINE_WITHOUT_CRLF(
            "500 5.5.2 Line must end with CRLF, closing connection",
            true,
            "a line with a lone CR or LF in it, or as its end; nothing behind it is run",
            "End every line with CRLF"),
    /** Arguments that do not fit the command. */
    BAD_ARGUMENTS("501 5.5.4 Syntax: {syntax}", "arguments that do not fit the command", "Correct the command"),
    /** A command at the wrong time. */
    BAD_SEQUENCE(
            "503 5.5.1 Bad sequence of commands: {hint}",
            "a command at a time when it cannot be done",
            "Send the commands in order"),
    /** No recipient was accepted. */
    NO_VALID_RECIPIENTS("554 5.5.1 No valid recipients", "DATA or BDAT when every RCPT was refused", "Reset"),
    /** A SASL mechanism that is not offered. */
    MECHANISM_UNSUPPORTED(
            "504 5.5.4 Authentication mechanism not supported",
            "AUTH with a mechanism that is not offered",
            "Use a mechanism of the EHLO reply"),
    /** The client gave up its login. */
    AUTH_CANCELLED("501 5.7.0 Authentication cancelled", "* in place of an answer to a challenge", "None"),
    /** A login that cannot be read. */
    AUTH_MALFORMED("501 5.5.2 Cannot decode authentication data", "AUTH with bad base64 or structure", "Correct it"),
    /** Logins cannot be checked now. */
    AUTH_UNAVAILABLE(
            "454 4.7.0 Temporary authentication failure",
            "the authenticator failed or was too slow; not a failed login",
            "Try again later"),
    /** A MAIL or RCPT parameter that is not offered. */
    PARAMETER_UNSUPPORTED(
            "555 5.5.4 Parameter not recognized or not implemented: {parameter}",
            "a MAIL or RCPT parameter that was not offered",
            "Leave the parameter out"),
    /** The upstream cannot take 8-bit content. */
    ENCODING_UNSUPPORTED(
            "554 5.6.3 Upstream does not accept 8-bit content",
            "8-bit content, and the upstream does not offer 8BITMIME",
            "Encode the content in 7 bits"),
    /** The upstream cannot take internationalized addresses. */
    ADDRESS_UNSUPPORTED(
            "550 5.6.7 Upstream does not accept internationalized addresses",
            "SMTPUTF8 is needed, and the upstream does not offer it",
            "Use ASCII addresses"),
    /** The upstream cannot protect a message as its sender requires (RFC 8689). */
    REQUIRETLS_UNSUPPORTED(
            "550 5.7.30 REQUIRETLS support required",
            "MAIL with REQUIRETLS, and the upstream does not offer it over TLS with a certificate for its name",
            "Leave the parameter out, if the message may go without"),
    /** Content whose line ends could be misread. */
    BARE_LINE_ENDINGS(
            "550 5.5.2 Bare CR, LF or NUL is not allowed in message content",
            "a lone CR or a NUL in the content; a lone LF too, where the relay is strict",
            "End every line with CRLF"),
    /** There is no room for the content. */
    CONTENT_SPACE(
            "452 4.3.1 Insufficient system storage",
            "neither memory budget nor temporary directory can hold the message, or the spool is full",
            "Try again later"),
    /** There is no author. */
    FROM_MISSING(
            "554 5.6.0 Header From: address is missing or invalid", "no From: field, or no address in it", "Add it"),
    /** The message went through too many servers. */
    ROUTING_LOOP("554 5.4.6 Too many hops", "more Received: fields than allowed", "Find the loop"),
    /** The envelope sender is not the user's. */
    SENDER_NOT_ALLOWED(
            "553 5.7.1 Sender address not allowed for authenticated user",
            "an envelope sender outside of the identity's domains, where alignment is switched on",
            "Use a sender of the account"),
    /** Too many refused commands. */
    TOO_MANY_ERRORS(
            "421 4.7.0 Too many errors, closing connection",
            true,
            "one more command refused with 5xx than a session may have",
            "Repair the client"),
    /** Too many connections to the relay. */
    SERVER_BUSY(
            "421 4.3.2 Too many connections, try again later",
            true,
            "in place of the greeting, when the relay has as many connections as allowed",
            "Try again later"),
    /** The operator ended the session. */
    SESSION_ENDED(
            "421 4.7.0 Session ended by the administrator, closing connection",
            true,
            "the operator ended the session or revoked its user or account; a message in flight is answered first",
            "Reconnect later, or ask the operator"),
    /** The relay stops. */
    SHUTTING_DOWN(
            "421 4.3.2 Service shutting down, closing connection",
            true,
            "the relay stops; a message in flight is answered first",
            "Reconnect later"),
    /** A defect. */
    INTERNAL_ERROR(
            "421 4.3.0 Internal error, closing connection",
            true,
            "a defect of the relay or of a plug-in; the cause is in the relay's log",
            "Try again later, and tell the operator");

    /** Which part of the catalogue a row belongs to. */
    public enum Part {
        /** The 22 rows whose code, status and text are promised byte for byte. */
        CONTRACT,
        /** What the RFCs ask for beside them. */
        PROTOCOL
    }

    private final int code;
    private final @Nullable EnhancedStatus status;
    private final String text;
    private final boolean closes;
    private final String meaning;
    private final String advice;
    private final String[] constantParts; // of the text, with a parameter between each two
    private final Pattern textPattern;
    private final @Nullable Reply constant;

    StandardReply(String wire, String meaning, String advice) {
        this(wire, false, meaning, advice);
    }

    StandardReply(String wire, boolean closes, String meaning, String advice) {
        this.code = Integer.parseInt(wire.substring(0, 3));
        String rest = wire.substring(4);
        this.status = EnhancedStatus.leading(rest).orElse(null);
        this.text = status == null ? rest : rest.substring(rest.indexOf(' ') + 1);
        this.closes = closes;
        this.meaning = meaning;
        this.advice = advice;
        this.constantParts = text.split("\\{[a-z]+}", -1);
        this.textPattern =
                Pattern.compile(Arrays.stream(constantParts).map(Pattern::quote).collect(Collectors.joining(".*")));
        this.constant = constantParts.length == 1 ? Reply.standard(this, text) : null;
    }

    /**
     * Makes the reply.
     *
     * @param arguments the values of the text's parameters, in order; what is not printable US-ASCII becomes {@code ?}
     *     and an overlong text is cut, so that no argument can spoil the reply
     * @return the reply, the same instance each time for a row without parameters
     * @throws IllegalArgumentException when there are more or fewer arguments than parameters
     */
    public Reply reply(Object... arguments) {
        if (arguments.length != constantParts.length - 1) {
            throw new IllegalArgumentException(name() + " has " + (constantParts.length - 1) + " parameters, not "
                    + arguments.length + ": " + text);
        }
        if (constant != null) {
            return constant;
        }
        StringBuilder filled = new StringBuilder(constantParts[0]);
        for (int i = 0; i < arguments.length; i++) {
            filled.append(Reply.printable(String.valueOf(arguments[i]), Reply.MAX_LINE_OCTETS));
            filled.append(constantParts[i + 1]);
        }
        return Reply.standard(this, Reply.printable(filled.toString(), Reply.MAX_LINE_OCTETS - Reply.overhead(status)));
    }

    /**
     * Tells whether a received reply is this row: code, enhanced status code and text agree, whatever the parameters.
     *
     * @param receivedCode the reply code
     * @param receivedText what stands behind the code and its separator on the last line, enhanced status code included
     * @return true when it is this row
     */
    public boolean matches(int receivedCode, String receivedText) {
        boolean hasStatus = EnhancedStatus.leading(receivedText).isPresent();
        if (receivedCode != code || hasStatus != (status != null)) {
            return false;
        }
        String prefix = status == null ? "" : status + " ";
        return receivedText.startsWith(prefix)
                && textPattern.matcher(receivedText.substring(prefix.length())).matches();
    }

    /** {@return the reply code, 200 to 559} */
    public int code() {
        return code;
    }

    /** {@return the enhanced status code; empty for a row that carries none (RFC 2034 section 4)} */
    public Optional<EnhancedStatus> enhancedStatus() {
        return Optional.ofNullable(status);
    }

    @Nullable
    EnhancedStatus statusOrNull() {
        return status;
    }

    /** {@return the text behind code and enhanced status code: printable US-ASCII, with {@code {parameters}}} */
    public String text() {
        return text;
    }

    /** {@return whether the connection is closed after this reply} */
    public boolean closes() {
        return closes;
    }

    /**
     * {@return whether a client may send the same again later without a change, as 4xx rows say (RFC 5321 section
     * 4.2.1)}
     */
    public boolean retryable() {
        return code / 100 == 4;
    }

    /** {@return when the relay gives this reply, as a sentence without a full stop} */
    public String meaning() {
        return meaning;
    }

    /** {@return what the sender should do about it, as a sentence without a full stop} */
    public String advice() {
        return advice;
    }

    /** {@return the part of the catalogue that this row belongs to} */
    public Part part() {
        return compareTo(TOO_MANY_MESSAGES) <= 0 ? Part.CONTRACT : Part.PROTOCOL;
    }

    /** {@return the row's wire form without CRLF: code, enhanced status code and text, with {@code {parameters}}} */
    public String wireText() {
        return code + " " + (status == null ? "" : status + " ") + text;
    }
}
