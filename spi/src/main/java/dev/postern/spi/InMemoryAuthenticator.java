package dev.postern.spi;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A list of users in memory, for tests, demonstrations and small installations. Passwords are kept as HMAC-SHA-256
 * under a key of this instance. Immutable and thread-safe.
 */
public final class InMemoryAuthenticator implements Authenticator, NonBlocking {

    private static final class User {
        private final Identity identity;
        private final byte[] hash;

        private User(Identity identity, byte[] hash) {
            this.identity = identity;
            this.hash = hash;
        }
    }

    private final SecretKeySpec key;
    private final Map<String, User> users;
    private final Set<String> disabledAccounts;
    private final byte[] nobody;

    private InMemoryAuthenticator(Builder builder) {
        key = builder.key;
        users = Map.copyOf(builder.users);
        disabledAccounts = Set.copyOf(builder.disabledAccounts);
        nobody = new byte[32];
    }

    @Override
    public AuthResult authenticate(Credentials credentials, ClientInfo client) {
        User user = users.get(CanonicalName.ofUser(credentials.username()));
        // the same work for an unknown user, so that its absence cannot be timed
        byte[] secret = credentials.secret();
        boolean right = MessageDigest.isEqual(hash(key, secret), user == null ? nobody : user.hash);
        Arrays.fill(secret, (byte) 0);
        if (user == null || !right) {
            return AuthResult.denied();
        }
        return disabledAccounts.contains(user.identity.account())
                ? AuthResult.relayDisabled()
                : AuthResult.authenticated(user.identity);
    }

    private static byte[] hash(SecretKeySpec key, byte[] secret) {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            return mac.doFinal(secret);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + key.getAlgorithm(), e);
        }
    }

    /** Collects the users. Not thread-safe. */
    public static final class Builder {

        private final SecretKeySpec key;
        private final Map<String, User> users = new HashMap<>();
        private final Set<String> disabledAccounts = new HashSet<>();

        Builder() {
            byte[] random = new byte[32];
            new SecureRandom().nextBytes(random);
            key = new SecretKeySpec(random, "HmacSHA256");
        }

        /**
         * Adds a user whose identity is {@link Identity#of} the name.
         *
         * @param name the user's name; case does not matter, see {@link CanonicalName#ofUser}
         * @param password the password
         * @return this builder
         * @throws IllegalArgumentException when the user already exists, regardless of case, or name or password is
         *     empty
         */
        public Builder user(String name, String password) {
            return user(Identity.of(name), password);
        }

        /**
         * Adds a user.
         *
         * @param identity who the user is; {@link Identity#user()} is the name to log in with, in any case
         * @param password the password
         * @return this builder
         * @throws IllegalArgumentException when the user already exists, or the password is empty
         */
        public Builder user(Identity identity, String password) {
            if (password.isEmpty()) {
                throw new IllegalArgumentException("password of user " + identity.user() + " must not be empty");
            }
            User user = new User(identity, hash(key, password.getBytes(StandardCharsets.UTF_8)));
            if (users.putIfAbsent(identity.user(), user) != null) {
                throw new IllegalArgumentException("user " + identity.user() + " is there already");
            }
            return this;
        }

        /**
         * Disables relaying for an account: its users' right credentials are answered with {@link
         * StandardReply#AUTH_RELAY_DISABLED}.
         *
         * @param account the account's name
         * @return this builder
         */
        public Builder relayDisabled(String account) {
            disabledAccounts.add(CanonicalName.ofAccount(account));
            return this;
        }

        /**
         * Builds the authenticator.
         *
         * @return an immutable authenticator
         */
        public InMemoryAuthenticator build() {
            return new InMemoryAuthenticator(this);
        }
    }
}
