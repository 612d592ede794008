package dev.postern.passwords;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.password4j.BcryptFunction;
import com.sun.management.ThreadMXBean;
import dev.postern.spi.AuthResult;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.spi.ScramLookup;
import dev.postern.testkit.TestClock;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What a file of users may have, and what happens when it changes. */
class UsersFileTest {

    private static final ClientInfo CLIENT =
            ClientInfo.of("s1", new InetSocketAddress("192.0.2.1", 4711), new InetSocketAddress("192.0.2.2", 587));
    private static final String OLD = hash("old");
    private static final String NEW = hash("new");

    private final TestClock clock = new TestClock();
    private final Logger logger = (Logger) LoggerFactory.getLogger(UsersFile.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @TempDir
    private Path directory;

    private static String hash(String password) {
        return BcryptFunction.getInstance(4).hash(password).getResult();
    }

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(log);
    }

    private Path file() {
        return directory.resolve("users");
    }

    /** Writes it as one should: half a file is never there. */
    private void write(String content) throws IOException {
        Path fresh = Files.writeString(directory.resolve("fresh"), content);
        Files.move(fresh, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static AuthResult login(UsersFile users, String name, String password) {
        return users.authenticate(new Credentials("PLAIN", name, password.getBytes(StandardCharsets.UTF_8)), CLIENT);
    }

    private List<String> logged() {
        return log.list.stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .toList();
    }

    @Test
    void readsNamesAccountsAndDomains() throws IOException {
        write("# users\n\n  ann@example.org:" + OLD + "\r\nbob:" + OLD + ":Acme\ncarl:" + OLD
                + ":acme:a.example,*.b.example\ndora@example.org:*\n");
        UsersFile users = UsersFile.of(file(), clock);
        assertThat(users.identities())
                .containsExactly(
                        Identity.of("ann@example.org"),
                        Identity.of("bob").withAccount("acme"),
                        Identity.of("carl").withAccount("acme").withDomains("a.example", "*.b.example"),
                        Identity.of("dora@example.org"));
        assertThat(login(users, "CARL", "old"))
                .isEqualTo(AuthResult.authenticated(users.identities().get(2)));
        for (String nothing : List.of("", "*", "old")) {
            assertThat(login(users, "dora@example.org", nothing)).isEqualTo(AuthResult.denied());
        }
        assertThat(users).hasToString("UsersFile[" + file() + "]");
    }

    @Test
    void aByteOrderMarkIsNoPartOfAName() throws IOException {
        write("\ufeffann:" + OLD + "\r\n");
        assertThat(login(UsersFile.of(file(), clock), "ann", "old")).isInstanceOf(AuthResult.Authenticated.class);
        write("\ufeff# users\r\nann:" + OLD + "\r\n");
        assertThat(login(UsersFile.of(file(), clock), "ann", "old")).isInstanceOf(AuthResult.Authenticated.class);
    }

    /** They are in the bounds that keep a hash from being endless; each login of such a user would be given up. */
    @ParameterizedTest
    @CsvSource({
        "$argon2id$v=19$m=1048576;t=3;p=4$AAAAAAAAAAAAAAAAAAAAAA$, 43, true",
        "$argon2id$v=19$m=65536;t=3;p=4$AAAAAAAAAAAAAAAAAAAAAA$, 43, false",
        "$2b$16$, 53, true",
        "$2b$12$, 53, false",
        "$6$rounds=5000000$salt$, 86, true",
        "$6$rounds=656000$salt$, 86, false"
    })
    void aHashThatCostsMoreThanALoginMayTakeIsWarnedOf(String settings, int length, boolean slow) throws IOException {
        String line = settings.replace(';', ',') + "a".repeat(length);
        write("ann:" + line);
        UsersFile users = UsersFile.of(file(), clock);
        write("ann:" + OLD + "\nbob:" + line + "\ncarl:*");
        clock.advance(Duration.ofSeconds(1));
        assertThat(login(users, "ann", "old")).isInstanceOf(AuthResult.Authenticated.class);
        assertThat(logged().stream().filter(each -> each.startsWith("WARN")))
                .hasSize(slow ? 2 : 0)
                .allSatisfy(each -> assertThat(each)
                        .containsPattern("1 users, the first is (ann|bob)")
                        .doesNotContain(line));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "\"\", no user",
                "\"# nobody\n\", no user",
                "\"ann:*\nbob\", line 2",
                "\"ann:*\n\nbob:\", line 3",
                "\":*\", line 1",
                "\"ann:*:\", line 1",
                "\"ann:*:acme:\", line 1",
                "\"ann:*:acme:a.example:x\", line 1",
                "\"ann:*:acme:no domain\", line 1",
                "\"ann:*\nANN:*\", line 2",
                "\"ann:hunter2\", line 1: user ann: no hash"
            })
    void refusesWhatItCannotRead(String content, String says) throws IOException {
        write(content);
        assertThatThrownBy(() -> UsersFile.of(file(), clock))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file().toString())
                .hasMessageContaining(says)
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void refusesWhatIsMissingNoTextOrTooLarge() throws IOException {
        assertThatThrownBy(() -> UsersFile.of(file(), clock)).hasMessageContaining("cannot be read");
        Files.write(file(), new byte[] {'a', ':', '*', (byte) 0xff});
        assertThatThrownBy(() -> UsersFile.of(file(), clock)).hasMessageContaining("UTF-8");
        Files.write(file(), new byte[(16 << 20) + 1]);
        assertThatThrownBy(() -> UsersFile.of(file(), clock)).hasMessageContaining("16 MiB");
    }

    @Test
    void aChangedFileIsReadAtALoginASecondLater() throws IOException {
        write("ann:" + OLD);
        UsersFile users = UsersFile.of(file(), clock);
        write("ann:" + NEW + "\nbob:" + OLD);
        assertThat(login(users, "ann", "old")).isInstanceOf(AuthResult.Authenticated.class);
        clock.advance(Duration.ofSeconds(1));
        assertThat(login(users, "ann", "old")).isEqualTo(AuthResult.denied());
        assertThat(login(users, "ann", "new")).isInstanceOf(AuthResult.Authenticated.class);
        assertThat(login(users, "bob", "old")).isInstanceOf(AuthResult.Authenticated.class);
        assertThat(logged()).containsExactly("INFO " + file() + " was read anew: it has 2 users");
    }

    @Test
    void aBrokenNewFileKeepsTheOldOneAndIsWarnedOfOnce() throws IOException {
        write("ann:" + OLD);
        UsersFile users = UsersFile.of(file(), clock);
        write("ann:" + NEW + "\nbob:hunter2");
        for (int i = 0; i < 3; i++) {
            clock.advance(Duration.ofSeconds(1));
            assertThat(login(users, "ann", "old")).isInstanceOf(AuthResult.Authenticated.class);
        }
        assertThat(logged())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("WARN")
                .contains("line 2")
                .doesNotContain("hunter2");
        Files.delete(file());
        clock.advance(Duration.ofSeconds(1));
        assertThat(login(users, "ann", "old")).isInstanceOf(AuthResult.Authenticated.class);
        assertThat(logged()).hasSize(2);
        write("ann:" + NEW);
        clock.advance(Duration.ofSeconds(1));
        assertThat(login(users, "ann", "new")).isInstanceOf(AuthResult.Authenticated.class);
        assertThat(logged()).hasSize(3).last().asString().startsWith("INFO");
    }

    /** Argon2id's work is in its memory, which can be measured without a clock: 19 MiB, 2 passes. */
    @Test
    void anUnknownUserAndOneWithoutPasswordCostAsMuchAsAWrongPassword() throws IOException {
        write("ann:" + PasswordHashes.hash("secret".getBytes(StandardCharsets.UTF_8)) + "\nbob:*");
        UsersFile users = UsersFile.of(file(), clock);
        login(users, "ann", "wrong"); // loads what is loaded once
        long wrong = allocatedBy(() -> login(users, "ann", "wrong"));
        assertThat(wrong).isGreaterThan(19L << 20);
        for (String name : List.of("nobody", "bob")) {
            assertThat(allocatedBy(() -> login(users, name, "wrong")))
                    .as(name)
                    .isBetween(wrong * 9 / 10, wrong * 11 / 10);
        }
    }

    @Test
    void unknownUsersMeetEachKindOfHashThatUsersHaveAndAlwaysTheSame() throws IOException {
        write("ann:" + OLD + "\nbob:" + NEW + "\ncarl:*");
        Users users = Users.read(file());
        Set<String> met = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            String decoy = Objects.requireNonNull(users.decoy("nobody" + i));
            assertThat(users.decoy("nobody" + i)).isEqualTo(decoy);
            met.add(decoy);
        }
        assertThat(met).containsExactlyInAnyOrder(OLD, NEW);
    }

    private static long allocatedBy(Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        work.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    // keys of SCRAM

    private static final String KEYS =
            PasswordHashes.scramKeys("pencil".getBytes(StandardCharsets.UTF_8)).text();

    @Test
    void keysOfScramServeBothWaysToLogIn() throws IOException {
        write("ann:" + KEYS + "\nbob:" + KEYS + ":Acme\ncarl:" + KEYS + ":dead:a.example,b.example\ndora:*\n");
        UsersFile users = UsersFile.of(file(), clock).withoutRelay(List.of("dead"));
        assertThat(users.allHaveScramKeys()).isTrue();
        assertThat(users.identities())
                .extracting(Identity::account, identity -> identity.domains().size())
                .containsExactly(tuple("ann", 0), tuple("acme", 0), tuple("dead", 2), tuple("dora", 0));
        assertThat(login(users, "ANN", "pencil")).isEqualTo(AuthResult.authenticated(Identity.of("ann")));
        assertThat(login(users, "ann", "pen")).isEqualTo(AuthResult.denied());
        ScramLookup ann = users.find("ANN", CLIENT);
        assertThat(ann.whenProven()).isEqualTo(AuthResult.authenticated(Identity.of("ann")));
        assertThat(ann.keys().orElseThrow().text()).isEqualTo(KEYS);
        assertThat(users.find("carl", CLIENT).whenProven()).isEqualTo(AuthResult.relayDisabled());
    }

    @Test
    void whoHasNoKeysLooksLikeSomebodyWhoHas() throws IOException {
        write("ann:" + OLD + "\nbob:" + KEYS + "\ndora:*\n");
        UsersFile users = UsersFile.of(file(), clock);
        assertThat(users.allHaveScramKeys()).isFalse();
        for (String user : List.of("ann", "dora", "nobody")) {
            ScramLookup lookup = users.find(user, CLIENT);
            assertThat(lookup.whenProven()).isEqualTo(AuthResult.denied());
            assertThat(lookup.keys().orElseThrow().iterations()).isEqualTo(65_536);
        }
        write("ann:" + OLD + "\n");
        assertThat(UsersFile.of(file(), clock).find("ann", CLIENT).keys()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ann:SCRAM-SHA-256$4096:abc$def:ghi",
                "ann:SCRAM-SHA-256$4096",
                "ann:SCRAM-SHA-256$4096:",
                "ann:SCRAM-SHA-256$4096::",
                "ann:SCRAM-SHA-1$4096:abc$def:ghi"
            })
    void keysThatAreNoneAreNamedByTheirLineAlone(String line) throws IOException {
        write("bob:" + OLD + "\n" + line + "\n");
        assertThatThrownBy(() -> UsersFile.of(file(), clock))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 2")
                .hasMessageNotContainingAny("abc", "def", "ghi");
    }
}
