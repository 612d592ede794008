package dev.postern.spring;

import dev.postern.settings.AuthSettings;
import dev.postern.settings.ChannelBinding;
import dev.postern.settings.Check;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientCertificates;
import dev.postern.spi.Identity;
import dev.postern.spi.InMemoryAuthenticator;
import dev.postern.spi.IpNetwork;
import dev.postern.spi.MailAddress;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.StoreFailure;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.NotReadablePropertyException;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;

/**
 * The properties of a relay. Whether a value is right the groups of settings say, which it is put into.
 *
 * @param host Address or name of this machine where the relay listens.
 * @param port Port that begins in clear and offers STARTTLS when there is key material; 0 for any free one. Default: 2525,
 *     or none where there is a tls-port.
 * @param tlsPort Port with TLS from the first octet; 0 for any free one.
 * @param hostName Name that the relay greets with and writes into Received fields. Default: this machine's name.
 * @param productName Product's name in the greeting.
 * @param proxyProtocol Networks of proxies, such as 10.0.0.5/32, whose connections must begin with a PROXY header.
 * @param verifyUpstreams Whether the application starts only if each upstream can be reached, shows the right certificate
 *     and takes the login.
 * @param ssl TLS towards clients.
 * @param auth Who may send.
 * @param sessions How many sessions there may be, and what one may do; -1 is without limit.
 * @param times How long a client, a plug-in and the reply to a message may take.
 * @param messages What a message may be, and what is checked and mended in it; -1 is without limit.
 * @param storage How much content is held in memory, and where the rest goes.
 * @param quota Quota of accounts that have none of their own.
 * @param stores What happens while a store of the application's does not answer.
 * @param spool Where messages are kept until the upstream has them, where postern-spool is there.
 * @param upstream The server that takes the messages.
 * @param upstreams Several servers in order of preference, in place of upstream.
 * @param metrics Meters, where postern-micrometer is there.
 */
@ConfigurationProperties("postern")
record PosternProperties(
        @DefaultValue("127.0.0.1") String host,
        @Nullable Integer port,
        @Nullable Integer tlsPort,
        @Nullable String hostName,
        @DefaultValue("Postern") String productName,
        @DefaultValue List<String> proxyProtocol,
        @DefaultValue("false") boolean verifyUpstreams,
        @DefaultValue Ssl ssl,
        @DefaultValue Auth auth,
        @DefaultValue Sessions sessions,
        @DefaultValue Times times,
        @DefaultValue Messages messages,
        @DefaultValue Storage storage,
        @DefaultValue Quota quota,
        @DefaultValue Stores stores,
        @DefaultValue Spool spool,
        @NestedConfigurationProperty @Nullable UpstreamProperties upstream,
        @DefaultValue List<UpstreamProperties> upstreams,
        @DefaultValue Metrics metrics)
        implements Validator {

    static final int DEFAULT_PORT = 2525;

    /** {@return the port that begins in clear, or null for none} */
    @Nullable
    Integer clearPort() {
        return port == null && tlsPort == null ? Integer.valueOf(DEFAULT_PORT) : port;
    }

    /** {@return the upstreams in order of preference; none where the properties have none} */
    List<UpstreamProperties> allUpstreams() {
        return upstream == null ? upstreams : List.of(upstream);
    }

    @Override
    public boolean supports(Class<?> type) {
        return type == PosternProperties.class;
    }

    @Override
    public void validate(Object target, Errors errors) {
        ((PosternProperties) target).check((property, says) -> {
            String reason = named(property, says);
            try {
                errors.rejectValue(property, "postern", reason);
            } catch (NotReadablePropertyException e) { // wrong only beside another one, and not given itself
                errors.reject("postern", reason);
            }
        });
    }

    /** Groups of settings call a property by its Java name; whoever writes properties looks for theirs. */
    private static String named(String property, String says) {
        String written =
                "postern." + property.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
        String java = property.substring(property.lastIndexOf('.') + 1);
        return says.startsWith(java + " ") ? written + says.substring(java.length()) : written + ": " + says;
    }

    private void check(Faults faults) {
        checkPort("port", port, faults);
        checkPort("tlsPort", tlsPort, faults);
        if (host.isBlank()) {
            faults.add("host", "must not be blank");
        }
        if (hostName != null && !MailAddress.isDomain(hostName)) {
            faults.add("hostName", "must be a domain name");
        }
        if (!productName.matches("[!-~]{1,64}")) {
            faults.add("productName", "must be 1 to 64 printable ASCII characters, no blanks");
        }
        for (int i = 0; i < proxyProtocol.size(); i++) {
            String network = proxyProtocol.get(i);
            faults.check("proxyProtocol[" + i + "]", () -> IpNetwork.parse(network));
        }
        if (tlsPort != null && ssl.bundle == null) {
            faults.add(
                    "tlsPort",
                    "needs key material: set postern.ssl.bundle to the name of a bundle below spring.ssl.bundle");
        }
        auth.settings(faults.in("auth"));
        auth.authenticator(faults.in("auth"));
        sessions.settings(faults.in("sessions"));
        times.settings(faults.in("times"));
        messages.settings(faults.in("messages"));
        storage.settings(faults.in("storage"));
        quota.plan(faults.in("quota"));
        spool.check(this, faults.in("spool"));
        if (metrics.relay.isBlank()) {
            faults.add("metrics.relay", "must not be blank");
        }
        if (upstream != null && !upstreams.isEmpty()) {
            faults.add("upstream", "set either postern.upstream or postern.upstreams, not both");
        }
        if (upstream != null) {
            upstream.settings(faults.in("upstream"));
        }
        for (int i = 0; i < upstreams.size(); i++) {
            upstreams.get(i).settings(faults.in("upstreams[" + i + "]"));
        }
    }

    private static void checkPort(String property, @Nullable Integer port, Faults faults) {
        if (port != null && (port < 0 || port > 65_535)) {
            faults.add(property, "must be 0 to 65535");
        }
    }

    /**
     * TLS towards clients.
     *
     * @param bundle Name of the bundle below spring.ssl.bundle that has the relay's key; when it is reloaded, so is the key.
     * @param clientCertificates Whether clients are asked for a certificate, which the bundle's trust store has to trust.
     */
    record Ssl(
            @Nullable String bundle, @DefaultValue("none") ClientCertificates clientCertificates) {}

    /**
     * Who may send.
     *
     * @param users Users with passwords, where no bean says who may send.
     * @param springSecurity Whether Spring Security's users may send.
     * @param plaintext Whether AUTH is allowed without TLS. Whoever can listen on the network then has the passwords.
     * @param trusted Networks whose clients need no login.
     * @param failures When failed logins block an address.
     * @param cache How long a right password is remembered, so that who checks it is asked less often; 15m at most. Default: it
     *     is not.
     * @param scram Logins by SCRAM, in which no password is shown.
     * @param tokenHelp What a client is told of an access token that is refused.
     */
    record Auth(
            @DefaultValue List<User> users,
            @DefaultValue SpringSecurity springSecurity,
            @DefaultValue("false") boolean plaintext,
            @DefaultValue List<Trusted> trusted,
            @DefaultValue Failures failures,
            @Nullable Duration cache,
            @DefaultValue Scram scram,
            @DefaultValue TokenHelp tokenHelp) {

        /** {@return the settings, in which nobody checks passwords yet} */
        AuthSettings settings(Faults faults) {
            Group<AuthSettings> group = Group.of(AuthSettings.defaults(), faults)
                    .when(plaintext, AuthSettings::withPlaintext)
                    .with(
                            "failures",
                            before -> before.withFailures(
                                    Group.orUnlimited(failures.max), failures.window, failures.block));
            if (cache != null) {
                faults.check("cache", () -> Authenticator.caching((credentials, client) -> AuthResult.denied(), cache));
            }
            scram.addTo(group);
            tokenHelp.addTo(group);
            for (int i = 0; i < trusted.size(); i++) {
                Trusted one = trusted.get(i);
                group.with("trusted[" + i + "]", before -> before.withTrusted(one.network, one.identity()));
            }
            return group.settings();
        }

        /** {@return who knows the users, who may be none} */
        InMemoryAuthenticator authenticator(Faults faults) {
            InMemoryAuthenticator.Builder builder = Authenticator.inMemory();
            for (int i = 0; i < users.size(); i++) {
                User user = users.get(i);
                faults.check("users[" + i + "]", () -> builder.user(user.identity(), user.password));
            }
            return builder.build();
        }
    }

    /**
     * Logins by SCRAM, in which no password is shown.
     *
     * @param enabled Whether a bean of type ScramDirectory is asked for users' keys. Default: where it is no Authenticator as
     *     well, which may have users without keys.
     * @param secret What the salts of unknown users are made of, the same in each relay and at each start: 16 octets or more,
     *     random, in Base64. Default: made at each start.
     * @param channelBinding What a connection must have for SCRAM-SHA-256-PLUS.
     */
    record Scram(
            @Nullable Boolean enabled,
            @Nullable String secret,
            @DefaultValue("tls-exporter") ChannelBinding channelBinding) {

        private void addTo(Group<AuthSettings> group) {
            group.with("scram.channelBinding", AuthSettings::withChannelBinding, channelBinding);
            if (secret != null) {
                group.with("scram", before -> before.withScramSecret(decoded(secret))); // its own value would be shown
            }
        }

        private static byte[] decoded(String text) {
            try {
                return Base64.getDecoder().decode(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("secret must be Base64"); // its message shows a part of it
            }
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return String.valueOf(enabled);
        }
    }

    /**
     * What a client is told of an access token that is refused, so that it can get a right one.
     *
     * @param scope Scopes that a token needs, with a space between.
     * @param openidConfiguration Where the issuer's metadata are, https://.../.well-known/openid-configuration.
     */
    record TokenHelp(@Nullable String scope, @Nullable URI openidConfiguration) {

        private void addTo(Group<AuthSettings> group) {
            if (scope != null || openidConfiguration != null) {
                group.with("tokenHelp", before -> {
                    if (scope == null || openidConfiguration == null) {
                        throw new IllegalArgumentException("needs scope and openid-configuration");
                    }
                    return before.withTokenHelp(scope, openidConfiguration);
                });
            }
        }
    }

    /**
     * A user who logs in with a password.
     *
     * @param username Name to log in with, in any case.
     * @param password Password.
     * @param account Account that quota and sessions are counted for. Default: the name's domain.
     * @param domains Domains to send from. Default: the name's domain.
     */
    record User(
            @DefaultValue("") String username,
            @DefaultValue("") String password,
            @Nullable String account,
            @DefaultValue List<String> domains) {

        Identity identity() {
            return identityOf(username, account, domains);
        }

        /** Without the password. */
        @Override
        public String toString() {
            return username;
        }
    }

    /**
     * A network whose clients need no login.
     *
     * @param network Network, such as 10.0.0.0/8.
     * @param username Who its clients act for.
     * @param account Account that quota and sessions are counted for. Default: the name's domain.
     * @param domains Domains to send from. Default: the name's domain.
     */
    record Trusted(
            @DefaultValue("") String network,
            @DefaultValue("") String username,
            @Nullable String account,
            @DefaultValue List<String> domains) {

        Identity identity() {
            return identityOf(username, account, domains);
        }
    }

    private static Identity identityOf(String username, @Nullable String account, List<String> domains) {
        if (username.isEmpty()) {
            throw new IllegalArgumentException("needs a username");
        }
        Identity identity = Identity.of(username);
        identity = account == null ? identity : identity.withAccount(account);
        return domains.isEmpty() ? identity : identity.withDomains(domains);
    }

    /**
     * Whether Spring Security's users may send.
     *
     * @param enabled Whether the application's AuthenticationManager, or else its UserDetailsService, checks names and
     *     passwords, where no bean of type Authenticator does.
     * @param authority Authority that a user needs, such as ROLE_MAIL. Default: none.
     */
    record SpringSecurity(
            @DefaultValue("false") boolean enabled,
            @Nullable String authority) {}

    /**
     * When failed logins block an address.
     *
     * @param max How many; -1 never blocks.
     * @param window Within which time.
     * @param block How long the address is blocked.
     */
    record Failures(
            @DefaultValue("10") int max,
            @DefaultValue("10m") Duration window,
            @DefaultValue("5m") Duration block) {}

    /**
     * How many sessions there may be, and what one may do. -1 is without limit.
     *
     * @param perUser Most authenticated sessions of a user.
     * @param perAccount Most authenticated sessions of an account.
     * @param loginWait How long a login over the limit of its user or account waits for a session to end.
     * @param perAddress Most connections of a client address.
     * @param ipv6PrefixLength How many bits of an IPv6 address count as one client.
     * @param connections Most connections, all ports together.
     * @param messages Most accepted messages of a session.
     * @param errors Most commands of a session that are refused with 5xx.
     * @param lifetime How long a session may last.
     */
    record Sessions(
            @DefaultValue("10") int perUser,
            @DefaultValue("50") int perAccount,
            @DefaultValue("5s") Duration loginWait,
            @DefaultValue("50") int perAddress,
            @DefaultValue("64") int ipv6PrefixLength,
            @DefaultValue("1000") int connections,
            @DefaultValue("20") int messages,
            @DefaultValue("20") int errors,
            @DefaultValue("30m") Duration lifetime) {

        SessionLimits settings(Faults faults) {
            return Group.of(SessionLimits.defaults(), faults)
                    .with("perUser", SessionLimits::withPerUser, Group.orUnlimited(perUser))
                    .with("perAccount", SessionLimits::withPerAccount, Group.orUnlimited(perAccount))
                    .with("loginWait", SessionLimits::withLoginWait, loginWait)
                    .with("perAddress", SessionLimits::withPerAddress, Group.orUnlimited(perAddress))
                    .with("ipv6PrefixLength", SessionLimits::withIpv6PrefixLength, ipv6PrefixLength)
                    .with("connections", SessionLimits::withConnections, Group.orUnlimited(connections))
                    .with("messages", SessionLimits::withMessages, Group.orUnlimited(messages))
                    .with("errors", SessionLimits::withErrors, Group.orUnlimited(errors))
                    .with("lifetime", SessionLimits::withLifetime, Group.orUnlimited(lifetime))
                    .settings();
        }
    }

    /**
     * How long a client, a plug-in and the reply to a message may take.
     *
     * @param inactivity How long a client may be silent; -1 is without limit.
     * @param commandLine How long a command line may take.
     * @param contentRate Octets a second in which content must come, once it has taken as long as a client may be silent.
     * @param unread How long a client may leave replies unread.
     * @param handshake How long a TLS handshake may take.
     * @param proxyHeader How long a PROXY header may take.
     * @param reply How long a client waits for the reply to its content.
     * @param plugin How long a bean of the application's may take to answer.
     */
    record Times(
            @DefaultValue("2m") Duration inactivity,
            @DefaultValue("2m") Duration commandLine,
            @DefaultValue("500") int contentRate,
            @DefaultValue("60s") Duration unread,
            @DefaultValue("30s") Duration handshake,
            @DefaultValue("5s") Duration proxyHeader,
            @DefaultValue("9m") Duration reply,
            @DefaultValue("2s") Duration plugin) {

        TimeLimits settings(Faults faults) {
            return Group.of(TimeLimits.defaults(), faults)
                    .with("inactivity", TimeLimits::withInactivity, Group.orUnlimited(inactivity))
                    .with("commandLine", TimeLimits::withCommandLine, commandLine)
                    .with("contentRate", TimeLimits::withContentRate, contentRate)
                    .with("unread", TimeLimits::withUnread, unread)
                    .with("handshake", TimeLimits::withHandshake, handshake)
                    .with("proxyHeader", TimeLimits::withProxyHeader, proxyHeader)
                    .with("reply", TimeLimits::withReply, reply)
                    .with("plugin", TimeLimits::withPlugin, plugin)
                    .settings();
        }
    }

    /**
     * What a message may be, and what is checked and mended in it.
     *
     * @param maxRecipients Most recipients of a message; -1 is without limit.
     * @param maxSize Largest size of a message.
     * @param dsn Whether DSN is offered to clients, for upstreams that offer it too, and behind a spool.
     * @param checks What is checked; replaces the default.
     * @param fixUps What the relay corrects in a message; replaces the default.
     */
    record Messages(
            @DefaultValue("50") int maxRecipients,
            @DefaultValue("20MB") DataSize maxSize,
            @DefaultValue("false") boolean dsn,
            @DefaultValue({"mime", "attachments", "from"}) Set<@Nullable Check> checks,

            @DefaultValue({"date", "message-id", "postmaster", "received", "remove-bcc"})
            Set<@Nullable FixUp> fixUps) {

        MessageRules settings(Faults faults) {
            return Group.of(MessageRules.defaults(), faults)
                    .with("maxRecipients", MessageRules::withMaxRecipients, Group.orUnlimited(maxRecipients))
                    .with("maxSize", MessageRules::withMaxSize, maxSize.toBytes())
                    .when(dsn, MessageRules::withDsn)
                    .with(
                            "checks",
                            before -> before.without(Check.values())
                                    .with(Group.elements(checks).toArray(Check[]::new)))
                    .with(
                            "fixUps",
                            before -> before.without(FixUp.values())
                                    .with(Group.elements(fixUps).toArray(FixUp[]::new)))
                    .settings();
        }
    }

    /**
     * How much content is held in memory, and where the rest goes.
     *
     * @param memory Most content of all messages together in memory. Default: 64MB, or a quarter of the heap if that is less.
     * @param memoryPerMessage Most content of a message in memory.
     * @param directory Existing directory for what memory does not hold. Default: that of temporary files.
     */
    record Storage(
            @Nullable DataSize memory,
            @DefaultValue("256KB") DataSize memoryPerMessage,
            @Nullable Path directory) {

        ContentStorage settings(Faults faults) {
            Group<ContentStorage> group = Group.of(ContentStorage.defaults(), faults)
                    .with("memoryPerMessage", before -> before.withMemoryPerMessage(toInt(memoryPerMessage)));
            if (memory != null) {
                group.with("memory", ContentStorage::withMemory, memory.toBytes());
            }
            if (directory != null) {
                group.with("directory", ContentStorage::withDirectory, directory);
            }
            return group.settings();
        }

        private static int toInt(DataSize size) {
            if (size.toBytes() > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("memoryPerMessage must be less than 2GB, not " + size.toBytes());
            }
            return (int) Math.max(-1, size.toBytes());
        }
    }

    /**
     * Quota of accounts that have none of their own.
     *
     * @param limit How much an account may send in a period. Default: without limit.
     * @param period Calendar period.
     * @param zone Time zone in which the periods begin.
     * @param unit What is counted.
     */
    record Quota(
            @Nullable Long limit,
            @DefaultValue("day") QuotaPlan.Period period,
            @DefaultValue("UTC") ZoneId zone,
            @DefaultValue("recipients") QuotaPlan.Unit unit) {

        QuotaPlan plan(Faults faults) {
            if (limit == null) {
                return QuotaPlan.unlimited();
            }
            return Group.of(QuotaPlan.unlimited(), faults)
                    .with("limit", before -> new QuotaPlan(limit, period, zone, unit))
                    .settings();
        }
    }

    /**
     * Stores of the application's, by which several relays count together.
     *
     * @param onFailure What happens while one does not answer.
     */
    record Stores(@DefaultValue("refuse") StoreFailure onFailure) {}

    /**
     * Where messages are kept until the upstream has them, where postern-spool is there.
     *
     * @param directory Directory of this relay alone, on a local disk; made where it is not there. Default: no spool, or that of
     *     a bean of type SpoolStore.
     * @param retry Pauses between attempts; the last one stays. Default: 1m, 5m, 15m, 30m, 1h.
     * @param giveUp After which time the sender is told that a message was not delivered. Default: 48h.
     */
    record Spool(
            @Nullable Path directory,
            @DefaultValue List<@Nullable Duration> retry,
            @Nullable Duration giveUp) {

        private void check(PosternProperties all, Faults faults) {
            if (ClassUtils.isPresent("dev.postern.spool.Spool", Spool.class.getClassLoader())) {
                SpoolOptions.settings(all, faults);
            } else if (directory != null) {
                faults.add("directory", "needs postern-spool on the class path");
            }
        }
    }

    /**
     * Meters, where postern-micrometer is there.
     *
     * @param relay Value of the tag relay, which tells several relays apart.
     * @param continueTraces Whether a message's span goes on from the client's, where the message has a field traceparent,
     *     which anybody who may send can write.
     */
    record Metrics(
            @DefaultValue("postern") String relay,
            @DefaultValue("false") boolean continueTraces) {}
}
