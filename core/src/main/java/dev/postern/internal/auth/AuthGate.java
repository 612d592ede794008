package dev.postern.internal.auth;

import dev.postern.internal.octets.Octets;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.plugin.SampledLines;
import dev.postern.internal.reply.Judged;
import dev.postern.internal.time.WaitQueues;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.AuthSettings.TrustedNetwork;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.CertificateAuthenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.LoginThrottle.Attempt;
import dev.postern.spi.LoginThrottle.Decision;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Reply;
import dev.postern.spi.ScramDirectory;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides who a client is: by SASL (RFC 4954), or by its trusted address. */
public final class AuthGate {

    private static final Logger LOG = LoggerFactory.getLogger(AuthGate.class);

    /** A SASL exchange's next step. */
    public sealed interface Step {
        /** The client must answer. */
        record Challenge(Reply reply) implements Step {}

        /** The client has given its credentials, which the taker closes. */
        record Given(Credentials credentials) implements Step {}

        /** What the client sent cannot be read. */
        record Malformed() implements Step {}

        /** What the client sent cannot be right, whatever the user list says. */
        record Hopeless() implements Step {}

        /** The client has shown that it has what it should have, or has not; the check says which. */
        record Shown(Supplier<AuthResult> check) implements Step {}

        /** The mechanism is not there in the way in which the client wants to use it. */
        record Unsupported() implements Step {}
    }

    /** A SASL mechanism in use. Used by one thread at a time. */
    public interface Exchange {
        /** Asks for the first response, when the client gave none with its command. */
        default Reply invitation() {
            return StandardReply.AUTH_CHALLENGE.reply("");
        }

        /** Takes what the client sent, decoded from base64, and wipes it. */
        default Step respond(byte[] response) {
            try {
                return read(response);
            } finally {
                Arrays.fill(response, (byte) 0);
            }
        }

        /** Reads what the client sent, and keeps nothing of the array. */
        Step read(byte[] response);

        /** Takes note of why the credentials were denied. */
        default void denied(AuthResult.DenialReason reason) {}

        /**
         * Explains in a challenge that the credentials were refused; the client answers it before it gets the
         * refusal.
         */
        default Optional<Reply> explanation() {
            return Optional.empty();
        }

        /**
         * Shows the client, whose credentials are right, that the server is the right one too, in a challenge that the client
         * answers before it is logged in (RFC 4954 section 4).
         *
         * @return the 334 reply; empty for most mechanisms
         */
        default Optional<Reply> confirmation() {
            return Optional.empty();
        }
    }

    /** What binds an exchange to its TLS connection (RFC 5056). */
    @FunctionalInterface
    public interface ChannelBindings {
        /** {@return the data of a type; empty when the connection has none} */
        Optional<byte[]> of(String type);
    }

    /**
     * The host's plug-ins that know clients; null for one that there is not.
     *
     * @param passwords checks names and passwords
     * @param tokens checks access tokens
     * @param scram has the keys of SCRAM
     * @param certificates knows whose a certificate is
     */
    public record Directories(
            @Nullable Guarded<Authenticator> passwords,
            @Nullable Guarded<Authenticator> tokens,
            @Nullable Guarded<ScramDirectory> scram,
            @Nullable Guarded<CertificateAuthenticator> certificates) {}

    /** How many logins of an address may wait while others of it are decided. */
    private static final int MAX_WAITING = 100;

    /** Of a user's and an account's name: more than any address has (RFC 5321 section 4.5.3.1.3), and what stores keep. */
    private static final int LONGEST_NAME = 255;

    private final AuthSettings settings;
    private final LoginThrottle.Rule rule;
    private final int ipv6PrefixLength;
    private final Directories directories;
    private final @Nullable ScramLogin scram;
    private final Offers offers;
    private final Guarded<LoginThrottle> throttle;
    private final RelayClock clock;
    private final WaitQueues<String> undecided;
    private final SampledLines lines;

    public AuthGate(
            AuthSettings settings,
            SessionLimits sessions,
            TimeLimits times,
            Directories directories,
            Guarded<LoginThrottle> throttle,
            RelayClock clock) {
        this.settings = settings;
        this.rule = rule(settings.failures(), times);
        this.ipv6PrefixLength = sessions.ipv6PrefixLength();
        this.directories = directories;
        this.scram = directories.scram == null ? null : new ScramLogin(directories.scram, settings.scramSecret());
        this.offers = new Offers(directories, settings.channelBinding());
        this.throttle = throttle;
        this.clock = clock;
        this.undecided = new WaitQueues<>(clock, MAX_WAITING);
        this.lines = new SampledLines(clock);
    }

    private AuthGate(AuthGate other, SessionLimits sessions) {
        settings = other.settings;
        rule = other.rule;
        ipv6PrefixLength = sessions.ipv6PrefixLength();
        directories = other.directories;
        scram = other.scram;
        offers = other.offers;
        throttle = other.throttle;
        clock = other.clock;
        undecided = other.undecided;
        lines = other.lines;
    }

    /** Makes a gate that counts together with this one, by as many bits of an IPv6 address as these limits say. */
    public AuthGate withLimits(SessionLimits sessions) {
        return new AuthGate(this, sessions);
    }

    /** An attempt is decided when the authenticator has answered and the throttle was told. */
    private static LoginThrottle.Rule rule(LoginThrottle.Rule failures, TimeLimits times) {
        return new LoginThrottle.Rule(
                failures.failures(),
                failures.window(),
                failures.block(),
                times.plugin().multipliedBy(2));
    }

    /** The default throttle, of this process. */
    public static LoginThrottle inProcessThrottle(RelayClock clock) {
        return new InProcessLoginThrottle(clock);
    }

    /** Counts in this process, in place of refusing, while the host's throttle does not answer. */
    public static LoginThrottle degrading(Guarded<LoginThrottle> shared, RelayClock clock) {
        return new DegradingLoginThrottle(shared, new InProcessLoginThrottle(clock));
    }

    /** {@return the names of mechanisms for the EHLO reply; none when AUTH may not be done now} */
    public List<String> offered(ClientInfo client, ChannelBindings bindings) {
        return client.tls().isPresent() || settings.plaintext() ? offers.to(client, bindings) : List.of();
    }

    /** {@return who a client at a trusted address is; empty at other addresses} */
    public Optional<Identity> trusted(ClientInfo client) {
        InetAddress address = client.remote().getAddress();
        for (TrustedNetwork trusted : settings.trusted()) {
            if (trusted.network().contains(address)) {
                return Optional.of(trusted.identity());
            }
        }
        return Optional.empty();
    }

    /** Judges an AUTH command before anything of it is looked at: TLS first, then the address's block. */
    public Verdict admits(ClientInfo client) {
        if (offers.isEmpty()) {
            return Verdict.refuse(StandardReply.COMMAND_UNSUPPORTED);
        }
        if (client.tls().isEmpty() && !settings.plaintext()) {
            return Verdict.refuse(StandardReply.AUTH_REQUIRES_TLS);
        }
        return notBlocked(client);
    }

    /** Begins an exchange of a mechanism, named in any case; empty when it is not offered to this client. */
    public Optional<Exchange> begin(String mechanism, ClientInfo client, ChannelBindings bindings) {
        String name = mechanism.toUpperCase(Locale.ROOT);
        List<String> offered = offered(client, bindings);
        if (!offered.contains(name)) {
            return Optional.empty();
        }
        return Optional.of(
                switch (name) {
                    case "PLAIN" -> AuthGate::plain;
                    case "LOGIN" -> new LoginExchange();
                    case "OAUTHBEARER" -> BearerToken.oauthBearer(settings.tokenHelp());
                    case "XOAUTH2" -> BearerToken.xoauth2(settings.tokenHelp());
                    case ExternalLogin.NAME ->
                        new ExternalLogin(Objects.requireNonNull(directories.certificates), client);
                    case ScramLogin.PLAIN, ScramLogin.PLUS ->
                        Objects.requireNonNull(scram).begin(name, offered.contains(ScramLogin.PLUS), client, bindings);
                    default -> throw new IllegalStateException("offered, but not there: " + name);
                });
    }

    /** Checks credentials, when the address may try some, and wipes them; the exchange is told why they are denied. */
    public Judged<Identity> judge(Credentials credentials, Exchange exchange, ClientInfo client, BooleanSupplier gone) {
        Guarded<Authenticator> authenticator = Objects.requireNonNull(
                Offers.TOKENS.contains(credentials.mechanism()) ? directories.tokens : directories.passwords);
        try (credentials) {
            return attempt(client, gone, () -> {
                AuthResult result = authenticator
                        .call(directory -> directory.authenticate(credentials, client))
                        .orElseGet(() -> AuthResult.unavailable("its plug-in has no answer"));
                if (result instanceof AuthResult.Denied denied) {
                    exchange.denied(denied.reason());
                }
                return result;
            });
        }
    }

    /** Checks what a client has shown, when the address may try some. */
    public Judged<Identity> judge(Step.Shown shown, ClientInfo client, BooleanSupplier gone) {
        return attempt(client, gone, shown.check());
    }

    /** Makes the authenticators forget what they remember of a user or an account. */
    public void revoked(Scope scope, String name) {
        Stream.of(Optional.ofNullable(directories.passwords), Optional.ofNullable(directories.tokens))
                .flatMap(Optional::stream)
                .forEach(authenticator -> authenticator.run(remembering -> remembering.revoked(scope, name)));
    }

    /** Counts a login that cannot be right as a failed one. */
    public Judged<Identity> hopeless(ClientInfo client, BooleanSupplier gone) {
        return attempt(client, gone, AuthResult::denied);
    }

    /**
     * Counts before it looks: with a count afterwards, logins at the same time have more attempts than the rule allows.
     */
    private Judged<Identity> attempt(ClientInfo client, BooleanSupplier gone, Supplier<AuthResult> check) {
        String address = client.addressKey(ipv6PrefixLength);
        Optional<Optional<Decision>> turn = begin(address, gone);
        Decision decision = turn.flatMap(answer -> answer).orElse(null);
        if (decision instanceof Decision.Blocked) {
            return Judged.refused(StandardReply.AUTH_BLOCKED);
        }
        if (!(decision instanceof Decision.Granted granted)) {
            if (turn.isPresent()) {
                notChecked("throttle", client, "the login throttle has no answer");
            } else {
                notChecked("too many", client, "too many of its address are being checked");
            }
            return Judged.refused(StandardReply.AUTH_UNAVAILABLE);
        }
        AuthResult result = named(check.get()); // an Error leaves the attempt counted
        boolean wrong = result instanceof AuthResult.Denied;
        Attempt attempt = granted.attempt();
        boolean counted = throttle.settle(counts -> {
            if (wrong) {
                attempt.failed();
            } else {
                attempt.withdraw();
            }
        });
        undecided.wake(address);
        if (result instanceof AuthResult.Authenticated authenticated) {
            return Judged.passed(authenticated.identity());
        }
        if (result instanceof AuthResult.RelayDisabled) {
            return Judged.refused(StandardReply.AUTH_RELAY_DISABLED);
        }
        if (result instanceof AuthResult.Unavailable unavailable) {
            notChecked("unavailable", client, Reply.printable(unavailable.reason(), 200));
            return Judged.refused(StandardReply.AUTH_UNAVAILABLE);
        }
        return Judged.refused(counted ? StandardReply.AUTH_CREDENTIALS_INVALID : StandardReply.AUTH_UNAVAILABLE);
    }

    /** What is counted by a name that a store cannot keep is counted nowhere, and looks like a store that is lost. */
    private static AuthResult named(AuthResult result) {
        boolean named = !(result instanceof AuthResult.Authenticated authenticated)
                || isName(authenticated.identity().user())
                        && isName(authenticated.identity().account());
        return named
                ? result
                : AuthResult.unavailable("the authenticator gives a user or an account whose name has more than "
                        + LONGEST_NAME + " characters, or a control character");
    }

    private void notChecked(String kind, ClientInfo client, String why) {
        lines.say(kind, more -> LOG.warn("{} login not checked: {}{}", client.sessionId(), why, more));
    }

    /**
     * A wait of a moment is better than a wrong answer: those that are being checked may well be right. Empty when they were
     * not decided in time; what is in it is empty when the throttle has no answer.
     */
    private Optional<Optional<Decision>> begin(String address, BooleanSupplier gone) {
        if (rule.failures() == Integer.MAX_VALUE) {
            return Optional.of(Optional.of(new Decision.Granted(Attempt.uncounted())));
        }
        return undecided.take(
                address,
                () -> {
                    Optional<Decision> answer =
                            throttle.call(counts -> counts.attempt(address, rule), AuthGate::giveBack);
                    return answer.isPresent() && answer.get() instanceof Decision.Undecided
                            ? Optional.empty()
                            : Optional.of(answer);
                },
                clock.nanoTime() + rule.undecided().toNanos(),
                gone);
    }

    /** For an attempt that was granted too late: nobody has looked at its credentials, or it was counted here. */
    static void giveBack(LoginThrottle throttle, Decision late) {
        if (late instanceof Decision.Granted granted) {
            granted.attempt().withdraw();
        }
    }

    private Verdict notBlocked(ClientInfo client) {
        if (rule.failures() == Integer.MAX_VALUE) {
            return Verdict.proceed();
        }
        String address = client.addressKey(ipv6PrefixLength);
        return throttle.call(counts -> counts.blocked(address, rule))
                .map(blocked -> blocked ? Verdict.refuse(StandardReply.AUTH_BLOCKED) : Verdict.proceed())
                .orElseGet(() -> Verdict.refuse(StandardReply.AUTH_UNAVAILABLE));
    }

    /** PLAIN (RFC 4616 section 2): {@code [authzid] NUL authcid NUL passwd}. */
    private static Step plain(byte[] response) {
        int end = response.length;
        int first = Octets.indexOf(response, 0, end, Octets.NUL);
        int second = Octets.indexOf(response, Math.min(first + 1, end), end, Octets.NUL);
        if (second == end || Octets.indexOf(response, second + 1, end, Octets.NUL) < end) {
            return new Step.Malformed();
        }
        Optional<String> authorization = name(response, 0, first);
        Optional<String> user = name(response, first + 1, second);
        if (authorization.isEmpty() || user.isEmpty()) {
            return new Step.Malformed();
        }
        boolean another = actsForAnother(authorization.get(), user.get());
        return another ? new Step.Hopeless() : given("PLAIN", user.get(), response, second + 1);
    }

    /** Whether an authorization identity, which may be empty, is another than the user. */
    static boolean actsForAnother(String authorization, String user) {
        return !authorization.isEmpty() && !CanonicalName.ofUser(authorization).equals(CanonicalName.ofUser(user));
    }

    /** LOGIN: the user's name and the password, each asked for (draft-murchison-sasl-login). */
    private static final class LoginExchange implements Exchange {

        private static final Reply ASK_USER = StandardReply.AUTH_CHALLENGE.reply("VXNlcm5hbWU6"); // "Username:"
        private static final Reply ASK_PASSWORD = StandardReply.AUTH_CHALLENGE.reply("UGFzc3dvcmQ6"); // "Password:"

        private @Nullable String user;

        @Override
        public Reply invitation() {
            return ASK_USER;
        }

        @Override
        public Step read(byte[] response) {
            String given = user;
            if (given != null) {
                return given("LOGIN", given, response, 0);
            }
            Optional<String> name = name(response, 0, response.length);
            user = name.orElse("");
            return name.isPresent() ? new Step.Challenge(ASK_PASSWORD) : new Step.Malformed();
        }
    }

    /**
     * An empty name or secret is never right; a directory would take it for an anonymous bind (RFC 4513 section 5.1.2).
     */
    private static Step given(String mechanism, String user, byte[] response, int secretStart) {
        return user.isEmpty() || secretStart == response.length
                ? new Step.Hopeless()
                : new Step.Given(
                        new Credentials(mechanism, user, Arrays.copyOfRange(response, secretStart, response.length)));
    }

    static Reply challenge(String ascii) {
        return StandardReply.AUTH_CHALLENGE.reply(
                Base64.getEncoder().encodeToString(ascii.getBytes(StandardCharsets.US_ASCII)));
    }

    /** The name of a user in any mechanism; empty when it is none. */
    static Optional<String> name(byte[] octets, int start, int end) {
        return Octets.utf8(octets, start, end).filter(AuthGate::isName);
    }

    /**
     * Whether a text can be a user's name: no mechanism needs a control character in one (SASLprep prohibits them, RFC 4013
     * section 2.3), databases and logs do not take them all, and no authenticator should have to know. Nor is one longer than what
     * can be counted: to normalise combining marks takes the square of their number, of whoever has not logged in.
     */
    static boolean isName(String text) {
        return text.length() <= LONGEST_NAME
                && text.chars().noneMatch(c -> Character.isISOControl(c) || c == '\u2028' || c == '\u2029');
    }
}
