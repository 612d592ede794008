package dev.postern.passwords;

import com.password4j.BcryptFunction;
import dev.postern.spi.Authenticator;
import dev.postern.testkit.tck.AuthenticatorContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/** What every authenticator has to pass. */
class UsersFileContractTest extends AuthenticatorContract {

    private static final String USERS = "ann@example.org:" + hash("Correct Horse 9")
            + "\nbob@example.net:" + hash("Battery Staple 8") + ":acme:example.net,*.example.net"
            + "\ncarl:" + hash("Closed Account") + ":closed\n";

    @TempDir
    private Path directory;

    private static String hash(String password) {
        return BcryptFunction.getInstance(4).hash(password).getResult();
    }

    @Override
    protected Authenticator newAuthenticator() throws IOException {
        return UsersFile.of(Files.writeString(directory.resolve("users"), USERS))
                .withoutRelay(List.of("CLOSED"));
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
    protected Optional<Login> disabledLogin() {
        return Optional.of(new Login("carl", "Closed Account"));
    }
}
