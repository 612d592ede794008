package dev.postern.testkit.tck;

import dev.postern.testkit.Access;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SSLContext;

/**
 * What a {@link RelayContract} needs to know about a relay. What is not known is not tested.
 *
 * @param address where it listens
 * @param access how clients connect there
 * @param trust determines which certificates are trusted; the certificate's name is not checked
 * @param logins users by kind of account; at least {@link Account#GOOD}
 * @param limits the limits of the relay to test
 * @param recipient a mailbox that may be sent to
 * @param unvalidatedDomain a domain of the good account that is not validated for sending
 */
public record RelayProfile(
        InetSocketAddress address,
        Access access,
        SSLContext trust,
        Map<Account, Login> logins,
        Map<Limit, Integer> limits,
        String recipient,
        Optional<String> unvalidatedDomain) {

    /** The kinds of test accounts. */
    public enum Account {
        /** May send; its user name is a mail address of a validated domain. */
        GOOD,
        /** Has right credentials, but no relay service. */
        DISABLED,
        /** May send, but has no quota left. */
        SPENT
    }

    /** The relay's limits. */
    public enum Limit {
        /** Recipients of a message. */
        RECIPIENTS,
        /** Accepted messages of a session. */
        MESSAGES,
        /** Authenticated sessions of a user, fewer than of the account. */
        SESSIONS_OF_USER,
        /** Connections of an address. */
        SESSIONS_OF_ADDRESS,
        /** Failed logins that block an address. Testing this blocks the tests' own address. */
        LOGIN_FAILURES
    }

    /**
     * A user name and its password.
     *
     * @param user the name
     * @param password the password
     */
    public record Login(String user, String password) {
        /** Returns only the user name. */
        @Override
        public String toString() {
            return user;
        }
    }

    /**
     * Copies the maps.
     *
     * @param address as {@link #address()}
     * @param access as {@link #access()}
     * @param trust as {@link #trust()}
     * @param logins as {@link #logins()}
     * @param limits as {@link #limits()}
     * @param recipient as {@link #recipient()}
     * @param unvalidatedDomain as {@link #unvalidatedDomain()}
     */
    public RelayProfile {
        logins = Map.copyOf(logins);
        limits = Map.copyOf(limits);
    }

    /**
     * Creates a minimal profile.
     *
     * @param address where the relay listens
     * @param access how clients connect there
     * @param trust determines which certificates are trusted
     * @param user a user who may send, as a mail address of a validated domain
     * @param password the password
     * @return a profile without limits
     */
    public static RelayProfile of(
            InetSocketAddress address, Access access, SSLContext trust, String user, String password) {
        return new RelayProfile(
                address,
                access,
                trust,
                Map.of(Account.GOOD, new Login(user, password)),
                Map.of(),
                "recipient@example.net",
                Optional.empty());
    }

    /**
     * Adds a login.
     *
     * @param account the kind of account
     * @param user the name
     * @param password the password
     * @return a copy
     */
    public RelayProfile login(Account account, String user, String password) {
        Map<Account, Login> more = new EnumMap<>(Account.class);
        more.putAll(logins);
        more.put(account, new Login(user, password));
        return new RelayProfile(address, access, trust, more, limits, recipient, unvalidatedDomain);
    }

    /**
     * Adds a limit.
     *
     * @param limit the limit
     * @param value how many the relay allows
     * @return a copy
     */
    public RelayProfile limit(Limit limit, int value) {
        Map<Limit, Integer> more = new EnumMap<>(Limit.class);
        more.putAll(limits);
        more.put(limit, value);
        return new RelayProfile(address, access, trust, logins, more, recipient, unvalidatedDomain);
    }

    /**
     * Sets the mailbox that may be sent to.
     *
     * @param mailbox an address
     * @return a copy
     */
    public RelayProfile recipient(String mailbox) {
        return new RelayProfile(address, access, trust, logins, limits, mailbox, unvalidatedDomain);
    }

    /**
     * Sets a domain of the good account that is not validated for sending.
     *
     * @param domain the domain
     * @return a copy
     */
    public RelayProfile unvalidatedDomain(String domain) {
        return new RelayProfile(address, access, trust, logins, limits, recipient, Optional.of(domain));
    }

    OptionalInt limit(Limit limit) {
        Integer value = limits.get(limit);
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
