package dev.postern.passwords;

import com.password4j.BcryptFunction;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.testkit.tck.AuthenticatorContract;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The example of docs/auth-passwords.md, which DocsTest holds to the page, keeps the contract. */
class OwnHashesTest extends AuthenticatorContract {

    // DOC hashes
    /** Users of a table of your own, which has a hash for each name; {@code decoy} is one like them that is nobody's. */
    record OwnUsers(Function<String, Optional<String>> hashOf, String decoy, PasswordHashes hashes)
            implements Authenticator {
        @Override
        public AuthResult authenticate(Credentials credentials, ClientInfo client) {
            String user = CanonicalName.ofUser(credentials.username());
            Optional<String> hash = hashOf.apply(user);
            byte[] secret = credentials.secret(); // a copy
            try {
                return switch (hashes.compare(secret, hash.orElse(decoy), user + " " + client.addressKey(64))) {
                    case RIGHT -> hash.isPresent() ? AuthResult.authenticated(Identity.of(user)) : AuthResult.denied();
                    case WRONG -> AuthResult.denied();
                    case BUSY -> AuthResult.unavailable("too many logins at the same time");
                };
            } finally {
                Arrays.fill(secret, (byte) 0);
            }
        }
    }
    // end

    private static final Map<String, String> HASHES =
            Map.of("ann@example.org", hash("Correct Horse 9"), "bob@example.net", hash("Battery Staple 8"));

    private static String hash(String password) {
        return BcryptFunction.getInstance(4).hash(password).getResult();
    }

    private static Authenticator users(Function<String, Optional<String>> hashOf) {
        return new OwnUsers(hashOf, hash("nobody's"), new PasswordHashes());
    }

    @Override
    protected Authenticator newAuthenticator() {
        return users(name -> Optional.ofNullable(HASHES.get(name)));
    }

    @Override
    protected Login rightLogin() {
        return new Login("ann@example.org", "Correct Horse 9");
    }

    @Override
    protected Optional<Login> otherLogin() {
        return Optional.of(new Login("bob@example.net", "Battery Staple 8"));
    }

    @Override
    protected Optional<Authenticator> newCutOffAuthenticator() {
        return Optional.of(users(name -> {
            throw new IllegalStateException("the table cannot be read");
        }));
    }
}
