package dev.postern.readme;

import dev.postern.SmtpRelay;
import dev.postern.spi.Authenticator;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.tck.AuthenticatorContract;
import dev.postern.testkit.tck.ContractTime;
import dev.postern.testkit.tck.Expiring;
import dev.postern.testkit.tck.QuotaStoreContract;
import dev.postern.testkit.tck.UpstreamDeliveryContract;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The documents' examples of plug-ins pass what every plug-in has to pass. */
@OnAnyJdk
class PlugInContractsTest {

    private static final Map<String, String> SECRETS = Map.of("ann", "Pass-word-1", "bert", "Pass-word-2");

    @Nested
    class Passwords extends AuthenticatorContract {
        @Override
        protected Authenticator newAuthenticator() {
            return Examples.authenticator((user, password) ->
                    MessageDigest.isEqual(SECRETS.getOrDefault(user, "").getBytes(StandardCharsets.UTF_8), password)
                            && SECRETS.containsKey(user));
        }

        @Override
        protected Login rightLogin() {
            return new Login("ann", "Pass-word-1");
        }

        @Override
        protected Optional<Login> otherLogin() {
            return Optional.of(new Login("bert", "Pass-word-2"));
        }

        @Override
        protected Optional<Authenticator> newCutOffAuthenticator() {
            return Optional.of(Examples.authenticator((user, password) -> {
                throw new IllegalStateException("the directory cannot be reached");
            }));
        }
    }

    @Nested
    class Tokens extends AuthenticatorContract {
        @Override
        protected Authenticator newAuthenticator() {
            return Examples.tokens(token -> SECRETS.entrySet().stream()
                    .filter(entry -> entry.getValue().equals(token))
                    .map(Map.Entry::getKey)
                    .findFirst());
        }

        @Override
        protected Login rightLogin() {
            return new Login("ann", "Pass-word-1");
        }

        @Override
        protected Optional<Login> otherLogin() {
            return Optional.of(new Login("bert", "Pass-word-2"));
        }

        @Override
        protected Optional<Authenticator> newCutOffAuthenticator() {
            return Optional.of(Examples.tokens(token -> {
                throw new IllegalStateException("the issuer cannot be reached");
            }));
        }
    }

    @Nested
    class Quota extends QuotaStoreContract {
        private final TestClock clock = new TestClock();

        @Override
        protected QuotaStore newStore() {
            return new Examples.SuspendableQuota(SmtpRelay.inMemoryQuota(clock), "suspended"::equals);
        }

        @Override
        protected ContractTime time() {
            return ContractTime.of(clock);
        }

        @Override
        protected Expiring<QuotaStore> newExpiringStore() {
            return new Expiring<>(newStore(), Duration.ofHours(1));
        }
    }

    @Nested
    class Delivery extends UpstreamDeliveryContract {
        @TempDir
        Path folder;

        @Override
        protected UpstreamDelivery newDelivery() throws IOException {
            return new DirectoryDelivery(Files.createDirectory(spool()));
        }

        private Path spool() {
            return folder.resolve("spool");
        }

        @Override
        protected boolean set(OtherSide state) throws IOException {
            Path away = folder.resolve("away");
            switch (state) {
                case REFUSES_FOR_NOW -> Files.move(spool(), away);
                case WORKS -> Files.move(away, spool());
                default -> {
                    return false;
                }
            }
            return true;
        }

        /** Every file that is there, whatever its name: what is half-written would be found. */
        @Override
        protected List<Arrived> arrived() throws IOException {
            try (Stream<Path> files = Files.list(spool())) {
                return files.map(Delivery::read).toList();
            }
        }

        private static Arrived read(Path file) {
            try {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                int data = text.indexOf("DATA\r\n");
                byte[] envelope = text.substring(0, data).getBytes(StandardCharsets.ISO_8859_1);
                List<String> addresses = new String(envelope, StandardCharsets.UTF_8) // RFC 6531 section 3.3
                        .lines()
                        .map(line -> line.substring(line.indexOf('<') + 1, line.indexOf('>')))
                        .toList();
                return new Arrived(
                        addresses.get(0),
                        addresses.subList(1, addresses.size()),
                        text.substring(data + 6).getBytes(StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
