package dev.postern.passwords;

import dev.postern.spi.Identity;
import dev.postern.spi.ScramKeys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The users of a file, as it was at one moment. Immutable, safe for use by several threads. */
final class Users {

    private static final int MAX_OCTETS = 16 << 20;
    private static final String NO_PASSWORD = "*";
    private static final String BYTE_ORDER_MARK = "\ufeff"; // as editors of Windows write it
    private static final SecretKeySpec KEY = newKey();

    /** Keys of SCRAM have colons of their own, two of them. */
    private static final Pattern SCRAM = Pattern.compile("^([^:]*:SCRAM-SHA-256\\$[^:]*):([^:]*):");

    /** A user; without a hash, no password lets it in. */
    record User(Identity identity, @Nullable String hash) {
        @Override
        public String toString() {
            return identity.user();
        }
    }

    private final Map<String, User> byName;
    private final List<String> hashes;
    private final List<ScramKeys> keys;

    private Users(Map<String, User> byName) {
        this.byName = byName;
        hashes = byName.values().stream()
                .map(User::hash)
                .flatMap(Stream::ofNullable)
                .toList();
        keys = hashes.stream()
                .flatMap(hash -> PasswordHashes.scramKeys(hash).stream())
                .toList();
    }

    static Users read(Path file) throws IOException {
        byte[] octets;
        try (InputStream in = Files.newInputStream(file)) {
            octets = in.readNBytes(MAX_OCTETS + 1);
        }
        if (octets.length > MAX_OCTETS) {
            throw new IllegalArgumentException(file + " has more than 16 MiB");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + " is no text in UTF-8", e);
        }
        return parse(
                file,
                text.substring(text.startsWith(BYTE_ORDER_MARK) ? 1 : 0).lines().toList());
    }

    private static Users parse(Path file, List<String> lines) {
        Map<String, User> found = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                User user = user(line);
                if (found.putIfAbsent(user.identity.user(), user) != null) {
                    throw new IllegalArgumentException("user " + user + " is there already");
                }
            } catch (IllegalArgumentException e) { // its message has no hash
                throw new IllegalArgumentException(file + " line " + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(file + " has no user; write name:hash, a line each");
        }
        return new Users(found);
    }

    private static User user(String line) {
        String[] parts = SCRAM.matcher(line).replaceFirst("$1\u0000$2\u0000").split(":", -1);
        if (parts.length < 2 || parts.length > 4 || Stream.of(parts).anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException(
                    "write name:hash, name:hash:account or name:hash:account:domain,domain, none of them empty");
        }
        Identity identity = Identity.of(parts[0]);
        if (parts.length > 2) {
            identity = identity.withAccount(parts[2]);
        }
        if (parts.length > 3) {
            identity = identity.withDomains(parts[3].split(",", -1));
        }
        if (parts[1].equals(NO_PASSWORD)) {
            return new User(identity, null);
        }
        String hash = parts[1].replace('\0', ':');
        try {
            PasswordHashes.requireUsable(hash);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("user " + identity.user() + ": " + e.getMessage(), e);
        }
        return new User(identity, hash);
    }

    List<Identity> identities() {
        return byName.values().stream().map(User::identity).collect(Collectors.toUnmodifiableList());
    }

    /** Users whose hash costs more than a login may take. */
    List<String> slow() {
        return byName.values().stream()
                .filter(user -> user.hash != null && PasswordHashes.isSlow(user.hash))
                .map(User::toString)
                .toList();
    }

    @Nullable
    User find(String canonicalName) {
        return byName.get(canonicalName);
    }

    /** What the password of somebody without one is compared with: kinds of hashes are met as often as with users. */
    @Nullable
    String decoy(String canonicalName) {
        return hashes.isEmpty() ? null : hashes.get(Math.floorMod(keyed(canonicalName), hashes.size()));
    }

    /** Whose keys those of somebody without them are to look like; the same while the users are, also elsewhere. */
    @Nullable
    ScramKeys like(String canonicalName) {
        return keys.isEmpty() ? null : keys.get(Math.floorMod(canonicalName.hashCode(), keys.size()));
    }

    /** Whether each user who has a password has keys. */
    boolean allHaveScramKeys() {
        return !hashes.isEmpty() && keys.size() == hashes.size();
    }

    private static SecretKeySpec newKey() {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return new SecretKeySpec(random, "HmacSHA256");
    }

    private static int keyed(String name) {
        try {
            Mac mac = Mac.getInstance(KEY.getAlgorithm());
            mac.init(KEY);
            return ByteBuffer.wrap(mac.doFinal(name.getBytes(StandardCharsets.UTF_8)))
                    .getInt();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + KEY.getAlgorithm(), e);
        }
    }
}
