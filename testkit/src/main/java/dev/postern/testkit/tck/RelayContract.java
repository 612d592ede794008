package dev.postern.testkit.tck;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.tck.RelayProfile.Account;
import dev.postern.testkit.tck.RelayProfile.Limit;
import dev.postern.testkit.tck.RelayProfile.Login;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests the catalogue's replies from outside, on any relay at any host and port. Extend it, describe the relay in
 * {@link #profile}, and run it with JUnit. Messages get through only if a limit of {@link Limit#MESSAGES} is given, or
 * the upstream can be told to fail; all others are refused before their content, or because of it.
 */
public abstract class RelayContract {

    /** How the server behind the relay can be told to behave. */
    public enum Upstream {
        /** Says "not now" to every message. */
        REFUSES_FOR_NOW,
        /** Cannot be reached. */
        UNREACHABLE
    }

    private static final int MOST_SENT = 1_000;

    private final List<SmtpProbe> probes = new ArrayList<>();
    private RelayProfile relay;

    /** For subclasses, which test an implementation. */
    protected RelayContract() {}

    /**
     * Describes the relay; called once before each test, and may start it.
     *
     * @return the relay's profile
     * @throws Exception fails the test
     */
    protected abstract RelayProfile profile() throws Exception;

    /**
     * Tells the server behind the relay how to behave.
     *
     * @param state the behaviour
     * @return true when done; false, as by default, when it is not possible
     * @throws Exception fails the test
     */
    protected boolean set(Upstream state) throws Exception {
        return false;
    }

    /**
     * Lets the relay's time pass until it disconnects a silent client, but not for the session's whole lifetime.
     *
     * @return true when done; false, as by default, when it is not possible
     */
    protected boolean passInactivity() {
        return false;
    }

    /**
     * Lets some of the relay's time pass, less than its inactivity limit.
     *
     * @return true when done; false, as by default, when it is not possible
     */
    protected boolean passPartOfLifetime() {
        return false;
    }

    /**
     * Reads the reply to a login that is over its user's limit, which the relay may delay while it waits for a session
     * to end. By default this waits in real time; for a relay on a {@link dev.postern.testkit.TestClock}, move the
     * clock meanwhile: {@code clock.advanceUntil(Duration.ofMillis(200), probe::readReply)}.
     *
     * @param probe has sent AUTH
     * @return the reply
     */
    protected ProbeReply replyAfterSessionWait(SmtpProbe probe) {
        return probe.readReply();
    }

    /**
     * Describes the relay.
     *
     * @throws Exception when it cannot be described
     */
    @BeforeEach
    public final void describe() throws Exception {
        relay = profile();
    }

    /**
     * Ends the test's sessions. JUnit calls it after a subclass's own methods; a subclass that stops the relay in one
     * must call this first.
     */
    @AfterEach
    public final void endSessions() {
        probes.forEach(SmtpProbe::close);
    }

    // the protocol around it

    /** The greeting is 220; EHLO offers what a submission server must offer (RFC 6409), and pipelining. */
    @Test
    public final void required_ehlo_offersTheExtensions() {
        ProbeReply reply = ready().ehlo();
        for (String extension : List.of("PIPELINING", "SIZE", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH")) {
            assertThat(reply).offers(extension);
        }
    }

    /** Commands that change nothing are answered in every state. */
    @Test
    public final void required_plainCommands_areAnswered() {
        SmtpProbe probe = loggedIn();
        assertThat(probe.send("NOOP")).isStandardReply(StandardReply.NOOP_OK);
        assertThat(probe.send("RSET")).isStandardReply(StandardReply.RESET_OK);
        assertThat(probe.send("VRFY someone")).isStandardReply(StandardReply.VERIFY_UNSUPPORTED);
        assertThat(probe.send("HELP")).isStandardReply(StandardReply.HELP_TEXT);
        assertThat(probe.send("XYZZY")).isStandardReply(StandardReply.COMMAND_UNKNOWN);
        assertThat(probe.send("ETRN example.net")).isStandardReply(StandardReply.COMMAND_UNSUPPORTED);
        assertThat(probe.send("QUIT")).isStandardReply(StandardReply.GOODBYE);
        assertThat(probe).isClosed();
    }

    /** Commands out of order are refused, and the session goes on. */
    @Test
    public final void required_badSequence_isRefused() {
        SmtpProbe probe = loggedIn();
        assertThat(probe.rcpt(relay.recipient())).isStandardReply(StandardReply.BAD_SEQUENCE);
        assertThat(probe.send("DATA")).isStandardReply(StandardReply.BAD_SEQUENCE);
        assertThat(probe.mail(good().user())).isStandardReply(StandardReply.SENDER_OK);
        assertThat(probe.mail(good().user())).isStandardReply(StandardReply.BAD_SEQUENCE);
        assertThat(probe.mail("a@example.org", "NONSENSE=1")).isPermanentRefusal();
    }

    // logins

    /** A wrong password and an unknown user get the same reply, and the right password is accepted afterwards. */
    @Test
    public final void required_authCredentialsInvalid_isTheSameForUserAndPassword() {
        SmtpProbe probe = ready();
        assertThat(probe.authPlain(good().user(), good().password() + "x"))
                .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
        assertThat(probe.authLogin("nobody-" + Tck.unique("x"), good().password()))
                .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
        assertThat(probe.authPlain(good().user(), good().password())).isStandardReply(StandardReply.AUTH_SUCCEEDED);
    }

    /** Without a login there is no mail. */
    @Test
    public final void required_authRequired_beforeMail() {
        SmtpProbe probe = ready();
        for (String command :
                List.of("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA", "VRFY b", "EXPN b")) {
            assertThat(probe.send(command)).as(command).isStandardReply(StandardReply.AUTH_REQUIRED);
        }
    }

    /** Without TLS, if AUTH requires it, AUTH is neither offered nor accepted. */
    @Test
    public final void optional_authRequiresTls_inClear() {
        if (relay.access() != Access.STARTTLS) {
            Tck.skip("nothing to try it with: a relay with STARTTLS");
        }
        SmtpProbe probe = connected();
        assertThat(probe.ehlo()).doesNotOffer("AUTH").offers("STARTTLS");
        assertThat(probe.authPlain(good().user(), good().password())).isStandardReply(StandardReply.AUTH_REQUIRES_TLS);
    }

    /** An account without relay service is told so, but only with the right password. */
    @Test
    public final void optional_authRelayDisabled_forTheRightPasswordOnly() {
        Login disabled = login(Account.DISABLED);
        SmtpProbe probe = ready();
        assertThat(probe.authPlain(disabled.user(), disabled.password()))
                .isStandardReply(StandardReply.AUTH_RELAY_DISABLED);
        assertThat(probe.authPlain(disabled.user(), disabled.password() + "x"))
                .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
    }

    /** Too many failed logins block the address, even for the right password. */
    @Test
    public final void optional_authBlocked_afterTooManyFailures() {
        int failures = limit(Limit.LOGIN_FAILURES);
        SmtpProbe probe = ready();
        for (int i = 0; i < failures; i++) {
            assertThat(probe.authPlain(good().user(), "wrong-" + i)).isPermanentRefusal();
        }
        assertThat(probe.authPlain(good().user(), good().password())).isStandardReply(StandardReply.AUTH_BLOCKED);
    }

    // sessions

    /** A user's session over the limit is refused at its login, and may go on without one. */
    @Test
    public final void optional_userSessionsExceeded_atTheLogin() {
        int max = limit(Limit.SESSIONS_OF_USER);
        for (int i = 0; i < max; i++) {
            loggedIn();
        }
        SmtpProbe probe = ready();
        String login = "\0" + good().user() + "\0" + good().password();
        probe.write(
                "AUTH PLAIN " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)) + "\r\n");
        assertThat(replyAfterSessionWait(probe)).isStandardReply(StandardReply.USER_SESSIONS_EXCEEDED);
        assertThat(probe.mail(good().user())).isStandardReply(StandardReply.AUTH_REQUIRED);
    }

    /** An address's connection over the limit is refused in place of the greeting, and closed. */
    @Test
    public final void optional_ipSessionsExceeded_inPlaceOfTheGreeting() {
        int max = limit(Limit.SESSIONS_OF_ADDRESS);
        for (int i = 0; i < max; i++) {
            connected();
        }
        SmtpProbe probe = opened();
        assertThat(probe.readReply()).isStandardReply(StandardReply.IP_SESSIONS_EXCEEDED);
        assertThat(probe).isClosed();
    }

    /** A silent client gets a farewell. */
    @Test
    public final void optional_inactivity_isHungUpOn() {
        SmtpProbe probe = loggedIn();
        if (!passInactivity()) {
            Tck.skip("nothing to try it with: override passInactivity()");
        }
        assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
        assertThat(probe).isClosed();
    }

    /** However busy a session is, its lifetime ends. */
    @Test
    public final void optional_sessionLifetime_isOverInTime() {
        SmtpProbe probe = loggedIn();
        if (!passPartOfLifetime()) {
            Tck.skip("nothing to try it with: override passPartOfLifetime()");
        }
        ProbeReply reply = probe.send("NOOP");
        for (int i = 0; i < MOST_SENT && reply.code() == 250; i++) {
            passPartOfLifetime();
            reply = probe.send("NOOP");
        }
        assertThat(reply).isStandardReply(StandardReply.SESSION_LIFETIME);
        assertThat(probe).isClosed();
    }

    /** After the maximum of messages in a session, MAIL gets a farewell. */
    @Test
    public final void optional_tooManyMessages_isHungUpOn() {
        int max = limit(Limit.MESSAGES);
        SmtpProbe probe = loggedIn();
        for (int i = 0; i < max; i++) {
            assertThat(sent(probe, message())).hasCode(250); // relayed, or queued
        }
        assertThat(probe.mail(good().user())).isStandardReply(StandardReply.TOO_MANY_MESSAGES);
        assertThat(probe).isClosed();
    }

    // envelope

    /** A sender that is not a mailbox is refused; the null reverse-path is accepted. */
    @Test
    public final void required_senderSyntax_isRefused() {
        SmtpProbe probe = loggedIn();
        for (String wrong : List.of("ann", "ann@", "@example.org", "ann@example..org", "a b@example.org")) {
            assertThat(probe.mail(wrong)).as(wrong).isStandardReply(StandardReply.SENDER_SYNTAX);
        }
        assertThat(probe.mail("")).isStandardReply(StandardReply.SENDER_OK);
    }

    /** A recipient that is not a mailbox is refused; with no recipient left, content is refused. */
    @Test
    public final void required_recipientSyntax_isRefused() {
        SmtpProbe probe = loggedIn();
        assertThat(probe.mail(good().user())).isOk();
        for (String wrong : List.of("bob", "", "bob@", "b\"b@example.net")) {
            assertThat(probe.rcpt(wrong)).as(wrong).isStandardReply(StandardReply.RECIPIENT_SYNTAX);
        }
        assertThat(probe.send("DATA")).isStandardReply(StandardReply.NO_VALID_RECIPIENTS);
    }

    /** A declared size above the maximum that EHLO announces is refused (RFC 1870 section 6.1). */
    @Test
    public final void required_messageTooLarge_byItsDeclaredSize() {
        SmtpProbe probe = loggedIn();
        Optional<String> maximum = probe.ehlo().extensions().stream()
                .map(extension -> extension.toUpperCase(Locale.ROOT))
                .filter(extension ->
                        extension.matches("SIZE 0*[1-9][0-9]{0,17}")) // 0 is no maximum (RFC 1870 section 4)
                .findFirst();
        if (maximum.isEmpty()) {
            Tck.skip("nothing to try it with: a relay that announces its maximum with SIZE");
        }
        String announced = maximum.orElseThrow().substring(5);
        probe.close();
        SmtpProbe another = loggedIn();
        assertThat(another.mail(good().user(), "SIZE=" + (Long.parseLong(announced) + 1)))
                .isStandardReply(StandardReply.MESSAGE_TOO_LARGE);
        assertThat(another.mail(good().user(), "SIZE=" + announced)).isOk();
    }

    /** A recipient over the limit is refused; those before it remain. */
    @Test
    public final void optional_tooManyRecipients_isRefused() {
        int max = limit(Limit.RECIPIENTS);
        SmtpProbe probe = loggedIn();
        assertThat(probe.mail(good().user())).isOk();
        for (int i = 0; i < max; i++) {
            assertThat(probe.rcpt("r" + i + "." + relay.recipient())).isOk();
        }
        assertThat(probe.rcpt(relay.recipient())).isStandardReply(StandardReply.TOO_MANY_RECIPIENTS, max);
    }

    /** An account with no quota left is refused at MAIL. */
    @Test
    public final void optional_quotaExceeded_atMail() {
        Login spent = login(Account.SPENT);
        SmtpProbe probe = ready();
        assertThat(probe.authPlain(spent.user(), spent.password())).isOk();
        assertThat(probe.mail(spent.user())).isStandardReply(StandardReply.QUOTA_EXCEEDED);
    }

    // content

    /** Content that is not a message is refused. */
    @Test
    public final void required_mimeInvalid_isRefused() {
        SmtpProbe probe = loggedIn();
        for (String wrong : List.of(
                "no header at all\r\n",
                from(good().user()) + "Content-Type: multipart/mixed\r\n\r\nno boundary\r\n",
                from(good().user()) + "Content-Transfer-Encoding: base64\r\n\r\n!!!!\r\n")) {
            assertThat(sent(probe, wrong)).as(wrong).isStandardReply(StandardReply.MIME_INVALID);
        }
    }

    /** A message must have one author, in a domain of the account. */
    @Test
    public final void required_from_isOneOfTheAccounts() {
        SmtpProbe probe = loggedIn();
        String user = good().user();
        assertThat(sent(probe, "From: " + user + ", other-" + user + "\r\n\r\nx\r\n"))
                .isStandardReply(StandardReply.FROM_MULTIPLE);
        assertThat(sent(probe, from(user) + from(user) + "\r\nx\r\n")).isStandardReply(StandardReply.FROM_MULTIPLE);
        assertThat(sent(probe, "Subject: x\r\n\r\nx\r\n")).isStandardReply(StandardReply.FROM_MISSING);
        assertThat(sent(probe, from("ann@foreign.invalid") + "\r\nx\r\n"))
                .isStandardReply(StandardReply.FROM_DOMAIN_MISMATCH);
    }

    /** An unvalidated domain of the account gets its own reply. */
    @Test
    public final void optional_domainNotAuthenticated_isRefused() {
        String domain = Tck.orSkip(relay.unvalidatedDomain(), "the profile's unvalidatedDomain");
        assertThat(sent(loggedIn(), from("ann@" + domain) + "\r\nx\r\n"))
                .isStandardReply(StandardReply.DOMAIN_NOT_AUTHENTICATED);
    }

    /** A lone CR is refused, so that no server behind sees an end of content that this one did not. */
    @Test
    public final void required_bareLineEndings_areRefused() {
        assertThat(sent(loggedIn(), message() + "a\rb\r\n")).isStandardReply(StandardReply.BARE_LINE_ENDINGS);
    }

    // upstream

    /**
     * A message that the upstream defers is refused temporarily, and the connection is closed.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_upstreamRelayFailed_isHungUpOn() throws Exception {
        upstream(Upstream.REFUSES_FOR_NOW);
        SmtpProbe probe = loggedIn();
        assertThat(sent(probe, message())).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
        assertThat(probe).isClosed();
    }

    /**
     * Without an upstream, a message is refused temporarily, and the connection is closed.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_upstreamUnreachable_isHungUpOn() throws Exception {
        upstream(Upstream.UNREACHABLE);
        SmtpProbe probe = loggedIn();
        assertThat(sent(probe, message())).isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
        assertThat(probe).isClosed();
    }

    // steps

    private void upstream(Upstream state) throws Exception {
        if (!set(state)) {
            Tck.skip("nothing to try it with: override set(Upstream." + state + ")");
        }
    }

    private int limit(Limit limit) {
        OptionalInt value = relay.limit(limit);
        if (value.isEmpty()) {
            Tck.skip("nothing to try it with: the profile's limit " + limit);
        }
        return value.orElseThrow();
    }

    private Login login(Account account) {
        return Tck.orSkip(Optional.ofNullable(relay.logins().get(account)), "the profile's login " + account);
    }

    private Login good() {
        return Objects.requireNonNull(relay.logins().get(Account.GOOD), "the profile's login GOOD");
    }

    private SmtpProbe opened() {
        SmtpProbe probe = relay.access() == Access.IMPLICIT_TLS
                ? SmtpProbe.connectTls(relay.address(), relay.trust())
                : SmtpProbe.connect(relay.address());
        probes.add(probe);
        return probe;
    }

    private SmtpProbe connected() {
        SmtpProbe probe = opened();
        assertThat(probe.readReply()).isStandardReply(StandardReply.GREETING);
        return probe;
    }

    private SmtpProbe ready() {
        SmtpProbe probe = connected();
        assertThat(probe.ehlo()).hasCode(250);
        if (relay.access() == Access.STARTTLS) {
            assertThat(probe.startTls(relay.trust())).isStandardReply(StandardReply.TLS_READY);
            assertThat(probe.ehlo()).hasCode(250);
        }
        return probe;
    }

    private SmtpProbe loggedIn() {
        SmtpProbe probe = ready();
        assertThat(probe.authPlain(good().user(), good().password())).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        return probe;
    }

    private ProbeReply sent(SmtpProbe probe, String content) {
        assertThat(probe.mail(good().user())).isStandardReply(StandardReply.SENDER_OK);
        assertThat(probe.rcpt(relay.recipient())).isStandardReply(StandardReply.RECIPIENT_OK);
        return probe.data(content);
    }

    private String message() {
        return from(good().user()) + "Subject: contract\r\n\r\nhello\r\n";
    }

    private static String from(String address) {
        return "From: " + address + "\r\n";
    }
}
