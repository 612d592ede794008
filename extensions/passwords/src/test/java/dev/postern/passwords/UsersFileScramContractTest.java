package dev.postern.passwords;

import dev.postern.spi.ScramDirectory;
import dev.postern.spi.ScramKeys;
import dev.postern.testkit.tck.AuthenticatorContract.Login;
import dev.postern.testkit.tck.ScramDirectoryContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/** What every directory of keys has to pass; the users' keys differ in length of salt and iterations. */
class UsersFileScramContractTest extends ScramDirectoryContract {

    private static final Login ANN = new Login("ann@example.org", "Correct Horse 9");
    private static final Login BOB = new Login("bob@example.net", "Battery Staple 8");
    private static final Login CARL = new Login("carl", "Closed Account");
    private static final String USERS = "ann@example.org:" + keys(ANN, "a salt of theirs", 4096)
            + "\nbob@example.net:" + keys(BOB, "another salt of theirs", 5000) + ":acme:example.net,*.example.net"
            + "\ncarl:" + keys(CARL, "a salt of theirs", 4096) + ":closed"
            + "\nemil:*\n";

    @TempDir
    private Path directory;

    private static String keys(Login login, String salt, int iterations) {
        return ScramKeys.ofPrepared(
                        login.password().toCharArray(), salt.getBytes(StandardCharsets.US_ASCII), iterations)
                .text();
    }

    @Override
    protected ScramDirectory newDirectory() throws IOException {
        return UsersFile.of(Files.writeString(directory.resolve("users"), USERS))
                .withoutRelay(List.of("CLOSED"));
    }

    @Override
    protected Login rightLogin() {
        return ANN;
    }

    @Override
    protected Optional<Login> otherLogin() {
        return Optional.of(BOB);
    }

    @Override
    protected Optional<Login> disabledLogin() {
        return Optional.of(CARL);
    }

    @Override
    protected Optional<String> userWithoutKeys() {
        return Optional.of("emil");
    }
}
