package dev.postern.jdbc;

import dev.postern.passwords.PasswordHashes;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.ScramDirectory;
import dev.postern.spi.ScramKeys;
import dev.postern.spi.ScramLookup;
import dev.postern.spi.SenderDomains;
import dev.postern.stores.StoreException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Authenticates users from a database with their accounts, domains and plans; see the tables {@code postern_user},
 * {@code postern_account}, {@code postern_domain} and {@code postern_plan}. Names are stored in canonical form ({@link
 * CanonicalName}, and {@link dev.postern.spi.MailAddress#foldDomain} for domains), and match in any case. Passwords are
 * stored as Argon2id; other hashes that {@link PasswordHashes#requireUsable} accepts, or other parameters, are accepted
 * and replaced at the next login. An unknown user takes as long as one with a current hash. Thread-safe.
 */
public final class JdbcAuthenticator implements Authenticator, ScramDirectory, SenderDomains {

    private static final Logger LOG = LoggerFactory.getLogger(JdbcAuthenticator.class);

    /** Compared with an unknown user's password, so that it takes the same time. */
    private static final String NOBODY = PasswordHashes.hash("nobody".getBytes(StandardCharsets.US_ASCII));

    private static final ScramKeys NOBODYS_KEYS =
            ScramKeys.of(new byte[16], PasswordHashes.SCRAM_ITERATIONS, new byte[32], new byte[32]);

    private static final String FIND = """
            SELECT u.name, u.password, u.account, a.relay_enabled, a.zone, p.quota_limit, p.quota_period, p.quota_unit,
                p.sessions_per_user, p.sessions_per_account, p.messages_per_session, p.recipients_per_message,
                p.message_size, d.name
            FROM postern_user u JOIN postern_account a ON a.name = u.account
                LEFT JOIN postern_plan p ON p.name = a.plan LEFT JOIN postern_domain d ON d.account = a.name
            WHERE u.name = ?""";

    private final Database database;
    private final PasswordHashes passwords = new PasswordHashes();

    private record User(Identity identity, String hash, boolean enabled) {}

    JdbcAuthenticator(Database database) {
        this.database = database;
    }

    /**
     * Creates a value for the column {@code password} of {@code postern_user}.
     *
     * @param password the password in UTF-8
     * @return an Argon2id hash with its parameters and a salt of its own
     */
    public static String hash(byte[] password) {
        return PasswordHashes.hash(password);
    }

    @Override
    public AuthResult authenticate(Credentials credentials, ClientInfo client) {
        String typed = credentials.username();
        String name = CanonicalName.ofUser(typed);
        Optional<User> user = find(typed);
        byte[] secret = credentials.secret();
        try {
            PasswordHashes.Answer answer =
                    passwords.compare(secret, user.map(User::hash).orElse(NOBODY), name + " " + client.addressKey(64));
            if (answer == PasswordHashes.Answer.BUSY) {
                return AuthResult.unavailable("too many logins at the same time");
            }
            if (answer == PasswordHashes.Answer.WRONG || user.isEmpty()) {
                return AuthResult.denied();
            }
            user.filter(found -> !PasswordHashes.isCurrent(found.hash)).ifPresent(found -> renew(found, secret));
        } catch (IllegalArgumentException e) {
            throw new StoreException("a password in postern_user: " + e.getMessage(), e);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
        return user.filter(User::enabled)
                .map(found -> AuthResult.authenticated(found.identity))
                .orElseGet(AuthResult::relayDisabled);
    }

    /**
     * Finds the keys of a user whose {@code password} holds SCRAM-SHA-256 keys. Other users get as many iterations as
     * keys from {@link PasswordHashes#scramKeys(byte[])} have.
     */
    @Override
    public ScramLookup find(String username, ClientInfo client) {
        try {
            Optional<User> user = find(username);
            Optional<ScramKeys> keys = user.flatMap(found -> PasswordHashes.scramKeys(found.hash));
            if (user.isEmpty() || keys.isEmpty()) {
                return ScramLookup.unknown(NOBODYS_KEYS);
            }
            return user.get().enabled
                    ? ScramLookup.known(keys.get(), user.get().identity)
                    : ScramLookup.withoutRelay(keys.get());
        } catch (IllegalArgumentException e) {
            throw new StoreException("a password in postern_user: " + e.getMessage(), e);
        }
    }

    private Optional<User> find(String typed) {
        String name = CanonicalName.ofUser(typed);
        return database.run(connection -> Database.query(connection, FIND, rows -> read(typed, name, rows), name));
    }

    @Override
    public Status check(Identity identity, String domain) {
        List<String> names = covering(domain);
        List<String> parameters = new ArrayList<>(names);
        parameters.add(identity.account());
        Map<String, Boolean> validated = database.run(connection -> Database.query(
                connection,
                "SELECT name, validated FROM postern_domain WHERE name IN (?" + ", ?".repeat(names.size() - 1)
                        + ") AND account = ?",
                JdbcAuthenticator::validated,
                parameters.toArray()));
        return names.stream()
                .filter(validated::containsKey)
                .findFirst()
                .map(name -> Boolean.TRUE.equals(validated.get(name)) ? Status.VALIDATED : Status.UNVALIDATED)
                .orElse(Status.FOREIGN);
    }

    /** Returns the domain itself, then the wildcards that cover it, nearest first, like {@link Identity#covering}. */
    private static List<String> covering(String domain) {
        List<String> names = new ArrayList<>(List.of(domain));
        for (int dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
            names.add("*" + domain.substring(dot));
        }
        return names;
    }

    private static Map<String, Boolean> validated(ResultSet rows) throws SQLException {
        Map<String, Boolean> validated = new HashMap<>();
        while (rows.next()) {
            validated.put(rows.getString(1), rows.getBoolean(2));
        }
        return validated;
    }

    /** Replaces the hash, unless it was changed meanwhile. */
    private void renew(User user, byte[] secret) {
        String hash = hash(secret);
        try {
            database.run(connection -> Database.update(
                    connection,
                    "UPDATE postern_user SET password = ? WHERE name = ? AND password = ?",
                    hash,
                    user.identity.user(),
                    user.hash));
        } catch (StoreException e) {
            LOG.warn("a password's old hash was not replaced; the next login tries again", e);
        }
    }

    /** If the collation finds a different name, no user was found: collations do not decide who is the same. */
    private static Optional<User> read(String typed, String name, ResultSet rows) throws SQLException {
        if (!rows.next() || !rows.getString(1).equals(name)) {
            return Optional.empty();
        }
        String hash = rows.getString(2);
        String account = rows.getString(3);
        boolean enabled = rows.getBoolean(4);
        IdentityLimits limits = limits(rows);
        Set<String> domains = new HashSet<>();
        do {
            String domain = rows.getString(14);
            if (domain != null) {
                domains.add(domain);
            }
        } while (rows.next());
        Identity identity =
                Identity.of(typed).withAccount(account).withDomains(domains).withLimits(limits);
        return Optional.of(new User(identity, hash, enabled));
    }

    private static IdentityLimits limits(ResultSet rows) throws SQLException {
        IdentityLimits limits = IdentityLimits.none();
        if (rows.getString(7) != null) {
            long quota = rows.getLong(6);
            limits = limits.withQuota(new QuotaPlan(
                    rows.wasNull() ? Long.MAX_VALUE : quota,
                    QuotaPlan.Period.valueOf(rows.getString(7).toUpperCase(Locale.ROOT)),
                    ZoneId.of(rows.getString(5)),
                    unit(rows.getString(8))));
        }
        int perUser = rows.getInt(9);
        limits = rows.wasNull() ? limits : limits.withSessionsPerUser(perUser);
        int perAccount = rows.getInt(10);
        limits = rows.wasNull() ? limits : limits.withSessionsPerAccount(perAccount);
        int messages = rows.getInt(11);
        limits = rows.wasNull() ? limits : limits.withMessagesPerSession(messages);
        int recipients = rows.getInt(12);
        limits = rows.wasNull() ? limits : limits.withRecipientsPerMessage(recipients);
        long size = rows.getLong(13);
        return rows.wasNull() ? limits : limits.withMessageSize(size);
    }

    private static QuotaPlan.Unit unit(@Nullable String name) {
        return name == null ? QuotaPlan.Unit.RECIPIENTS : QuotaPlan.Unit.valueOf(name.toUpperCase(Locale.ROOT));
    }
}
