package dev.postern.settings;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Limits on sessions and on what each may do. {@link Integer#MAX_VALUE} means no limit. An identity may have {@link
 * dev.postern.spi.IdentityLimits limits of its own}. Immutable.
 */
public final class SessionLimits {

    private static final SessionLimits DEFAULTS = new SessionLimits(new Fields());
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(4); // a client waits five, RFC 5321 section 4.5.3.2

    private final Fields fields;

    private static final class Fields extends Values {
        private int perUser = 10;
        private int perAccount = 50;
        private Duration loginWait = Duration.ofSeconds(5);
        private int perAddress = 50;
        private int ipv6PrefixLength = 64;
        private int connections = 1000;
        private int messages = 20;
        private int errors = 20;
        private Duration lifetime = Duration.ofMinutes(30);
    }

    private SessionLimits(Fields fields) {
        this.fields = fields;
    }

    private SessionLimits with(Consumer<Fields> change) {
        return new SessionLimits(Values.copy(fields, change));
    }

    /** {@return the default limits} */
    public static SessionLimits defaults() {
        return DEFAULTS;
    }

    /**
     * Limits the authenticated sessions of a user. Default: 10.
     *
     * @param max the most at the same time, 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public SessionLimits withPerUser(int max) {
        return with(copy -> copy.perUser = Bounds.atLeast("perUser", 1, max));
    }

    /**
     * Limits the authenticated sessions of an account. Default: 50.
     *
     * @param max the most at the same time, 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public SessionLimits withPerAccount(int max) {
        return with(copy -> copy.perAccount = Bounds.atLeast("perAccount", 1, max));
    }

    /**
     * Sets how long a login over the limit of its user or account waits for a session to end before it is refused.
     * Default: 5 s, because few clients retry a login. Up to 100 logins of a user, and of an account, wait in order;
     * further ones are refused at once. A client with a shorter time-out gives up.
     *
     * @param limit 0 to 4 min, because a client waits five for a reply (RFC 5321 section 4.5.3.2); 0 refuses at once
     * @return a copy
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public SessionLimits withLoginWait(Duration limit) {
        return with(copy -> copy.loginWait = Bounds.between("loginWait", Duration.ZERO, LONGEST_WAIT, limit));
    }

    /**
     * Limits the connections of a client address. Default: 50.
     *
     * @param max the most at the same time, 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public SessionLimits withPerAddress(int max) {
        return with(copy -> copy.perAddress = Bounds.atLeast("perAddress", 1, max));
    }

    /**
     * Sets how many bits of an IPv6 address count as one client, for connections and for failed logins. Default: 64.
     *
     * @param bits 1 to 128
     * @return a copy
     * @throws IllegalArgumentException when bits is out of bounds
     */
    public SessionLimits withIpv6PrefixLength(int bits) {
        return with(copy -> copy.ipv6PrefixLength = Bounds.between("ipv6PrefixLength", 1, 128, bits));
    }

    /**
     * Limits the relay's connections across all listeners. Default: 1000.
     *
     * @param max the most at the same time, 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public SessionLimits withConnections(int max) {
        return with(copy -> copy.connections = Bounds.atLeast("connections", 1, max));
    }

    /**
     * Limits the accepted messages of a session. Default: 20.
     *
     * @param max 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public SessionLimits withMessages(int max) {
        return with(copy -> copy.messages = Bounds.atLeast("messages", 1, max));
    }

    /**
     * Limits the commands of a session that are refused with 5xx. Default: 20.
     *
     * @param max 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public SessionLimits withErrors(int max) {
        return with(copy -> copy.errors = Bounds.atLeast("errors", 1, max));
    }

    /**
     * Limits how long a session may last. Default: 30 min.
     *
     * @param limit positive, at most a day; or {@link TimeLimits#UNLIMITED}
     * @return a copy
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public SessionLimits withLifetime(Duration limit) {
        return with(copy -> copy.lifetime = Bounds.timeOrUnlimited("lifetime", limit));
    }

    /** {@return the limit of a user's authenticated sessions at the same time} */
    public int perUser() {
        return fields.perUser;
    }

    /** {@return the limit of an account's authenticated sessions at the same time} */
    public int perAccount() {
        return fields.perAccount;
    }

    /** {@return how long a login over its limit waits; 0 for no wait} */
    public Duration loginWait() {
        return fields.loginWait;
    }

    /** {@return the limit of an address's connections at the same time} */
    public int perAddress() {
        return fields.perAddress;
    }

    /** {@return how many bits of an IPv6 address count as one client, 1 to 128} */
    public int ipv6PrefixLength() {
        return fields.ipv6PrefixLength;
    }

    /** {@return the limit of the relay's connections at the same time} */
    public int connections() {
        return fields.connections;
    }

    /** {@return the limit of a session's accepted messages} */
    public int messages() {
        return fields.messages;
    }

    /** {@return the limit of a session's commands that are refused with 5xx} */
    public int errors() {
        return fields.errors;
    }

    /** {@return how long a session may last; {@link TimeLimits#UNLIMITED} when there is no limit} */
    public Duration lifetime() {
        return fields.lifetime;
    }

    /**
     * Compares with other limits.
     *
     * @param others the others
     * @return one text for each limit that differs, for instance {@code perUser 10 -> 3}, sorted; empty when all are
     *     equal
     */
    public List<String> changesTo(SessionLimits others) {
        return Values.changes(byName(), others.byName());
    }

    private Map<String, Object> byName() {
        return Map.of(
                "perUser", fields.perUser,
                "perAccount", fields.perAccount,
                "loginWait", fields.loginWait,
                "perAddress", fields.perAddress,
                "ipv6PrefixLength", fields.ipv6PrefixLength,
                "connections", fields.connections,
                "messages", fields.messages,
                "errors", fields.errors,
                "lifetime", fields.lifetime);
    }
}
