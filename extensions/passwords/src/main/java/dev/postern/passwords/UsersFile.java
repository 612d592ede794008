package dev.postern.passwords;

import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayClock;
import dev.postern.spi.ScramDirectory;
import dev.postern.spi.ScramKeys;
import dev.postern.spi.ScramLookup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users in a text file, one per line: {@code name:hash}, {@code name:hash:account} or {@code
 * name:hash:account:domain,domain}. Omitted accounts and domains are those of {@link Identity#of}. A hash is one that
 * {@link PasswordHashes#requireUsable} accepts, or {@code *} for a user who cannot log in by password. Blank lines and
 * lines that begin with {@code #} are ignored. The file has at least one user, is in UTF-8, and has at most 16 MiB.
 *
 * <p>If a second or more has passed since the last check, a login checks whether the file has changed, and reads it if
 * so. A new file that is unreadable or wrong changes nothing, and causes one warning. Replace the file by renaming a
 * new one, so that half a file is never read.
 *
 * <p>An unknown user costs as much as one of the file's hashes, always the same one for the same name, so that timing
 * does not reveal unknown users.
 *
 * <p>Users with SCRAM-SHA-256 keys instead of a hash can log in by SCRAM and by password, if the object is passed to
 * both {@code AuthSettings.withPasswords} and {@code withScram}. Thread-safe.
 */
public final class UsersFile implements Authenticator, ScramDirectory {

    private static final Logger LOG = LoggerFactory.getLogger(UsersFile.class);
    private static final int IPV6_PREFIX = 64; // of one host, as the relay counts
    private static final long INTERVAL = Duration.ofSeconds(1).toNanos();

    private final Path file;
    private final RelayClock clock;
    private final Set<String> withoutRelay;
    private final PasswordHashes hashes;
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile long lastLook;
    private volatile Stamp lastRead;
    private volatile Users current;
    private volatile String warning = "";

    /** Differs when the file has changed. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        }
    }

    private UsersFile(Path file, RelayClock clock, Set<String> withoutRelay, PasswordHashes hashes) {
        this.file = file;
        this.clock = clock;
        this.withoutRelay = withoutRelay;
        this.hashes = hashes;
        try {
            lastLook = clock.nanoTime();
            lastRead = Stamp.of(file); // before it is read: what is written meanwhile is seen at the next look
            current = Users.read(file);
            adviseOn(current);
        } catch (IOException e) {
            throw new IllegalArgumentException(cannotBeRead(e), e);
        }
    }

    /**
     * Reads the users.
     *
     * @param file the file
     * @return the authenticator
     * @throws IllegalArgumentException when the file cannot be read, has no user, or has an invalid line, whose number
     *     the message gives; the message never shows a hash
     */
    public static UsersFile of(Path file) {
        return of(file, RelayClock.system());
    }

    /**
     * Reads the users, and checks the file again by this clock.
     *
     * @param file the file
     * @param clock the relay's clock
     * @return the authenticator
     * @throws IllegalArgumentException like {@link #of(Path)}
     */
    public static UsersFile of(Path file, RelayClock clock) {
        return new UsersFile(file, Objects.requireNonNull(clock, "clock"), Set.of(), new PasswordHashes());
    }

    /**
     * Disables relaying for accounts: their users' right credentials are answered with {@link
     * dev.postern.spi.StandardReply#AUTH_RELAY_DISABLED}. Replaces the accounts of an earlier call, and reads the file
     * again.
     *
     * @param accounts the accounts' names, in any case
     * @return a copy
     * @throws IllegalArgumentException like {@link #of(Path)}
     */
    public UsersFile withoutRelay(Collection<String> accounts) {
        Set<String> names = accounts.stream().map(CanonicalName::ofAccount).collect(Collectors.toUnmodifiableSet());
        return new UsersFile(file, clock, names, hashes);
    }

    /** {@return the users in the order of the lines, as last read} */
    public List<Identity> identities() {
        return current.identities();
    }

    @Override
    public AuthResult authenticate(Credentials credentials, ClientInfo client) {
        look();
        Users users = current;
        String name = CanonicalName.ofUser(credentials.username());
        Users.User user = users.find(name);
        String hash = user == null || user.hash() == null ? users.decoy(name) : user.hash();
        if (hash == null) {
            return AuthResult.denied(); // no one has a password
        }
        byte[] secret = credentials.secret();
        PasswordHashes.Answer answer;
        try {
            answer = hashes.compare(secret, hash, name + " " + client.addressKey(IPV6_PREFIX));
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
        if (answer == PasswordHashes.Answer.BUSY) {
            return AuthResult.unavailable("too many logins at the same time");
        }
        if (answer == PasswordHashes.Answer.WRONG || user == null || user.hash() == null) {
            return AuthResult.denied();
        }
        return withoutRelay.contains(user.identity().account())
                ? AuthResult.relayDisabled()
                : AuthResult.authenticated(user.identity());
    }

    /**
     * {@return whether every user with a password can log in by SCRAM, as last read. Otherwise do not offer SCRAM:
     * clients that support it would not try anything else}
     */
    public boolean allHaveScramKeys() {
        return current.allHaveScramKeys();
    }

    @Override
    public ScramLookup find(String username, ClientInfo client) {
        look();
        Users users = current;
        String name = CanonicalName.ofUser(username);
        Users.User user = users.find(name);
        ScramKeys like = users.like(name);
        ScramLookup unknown = like == null ? ScramLookup.unknown() : ScramLookup.unknown(like);
        if (user == null || user.hash() == null) {
            return unknown;
        }
        return PasswordHashes.scramKeys(user.hash())
                .map(keys -> withoutRelay.contains(user.identity().account())
                        ? ScramLookup.withoutRelay(keys)
                        : ScramLookup.known(keys, user.identity()))
                .orElse(unknown);
    }

    /** One thread at a time checks; others use the current users without waiting. */
    private void look() {
        long now = clock.nanoTime();
        if (now - lastLook >= INTERVAL && looking.compareAndSet(false, true)) {
            try {
                lastLook = now;
                readIfChanged();
                warning = "";
            } catch (IOException e) {
                warn(cannotBeRead(e));
            } catch (IllegalArgumentException e) {
                warn(String.valueOf(e.getMessage()));
            } finally {
                looking.set(false);
            }
        }
    }

    private void readIfChanged() throws IOException {
        Stamp stamp = Stamp.of(file);
        if (!stamp.equals(lastRead)) {
            Users changed = Users.read(file);
            lastRead = stamp;
            current = changed;
            LOG.info(
                    "{} was read anew: it has {} users",
                    file,
                    changed.identities().size());
            adviseOn(changed);
        }
    }

    /** Unknown names are compared with the users' hashes, so a single slow hash delays everyone. */
    private void adviseOn(Users users) {
        List<String> slow = users.slow();
        if (!slow.isEmpty()) {
            LOG.warn(
                    "{}: hashes cost more than a login may take, so that these users cannot log in and others wait for"
                            + " theirs; make new ones, at less cost, for {} users, the first is {}",
                    file,
                    slow.size(),
                    slow.get(0));
        }
    }

    private void warn(String problem) {
        if (!warning.equals(problem)) { // once, not at each look
            warning = problem;
            LOG.warn("users are those that they were: {}", problem);
        }
    }

    private String cannotBeRead(IOException e) {
        return file + " cannot be read: " + e;
    }

    /** Returns where the file is. */
    @Override
    public String toString() {
        return "UsersFile[" + file + "]";
    }
}
