package dev.postern.internal.auth;

import com.ongres.saslprep.SASLprep;
import dev.postern.internal.auth.AuthGate.ChannelBindings;
import dev.postern.internal.auth.AuthGate.Step;
import dev.postern.internal.auth.scram.ClientFinal;
import dev.postern.internal.auth.scram.ClientFirst;
import dev.postern.internal.auth.scram.ClientFirst.Binding;
import dev.postern.internal.auth.scram.ServerSide;
import dev.postern.internal.octets.Octets;
import dev.postern.internal.plugin.Guarded;
import dev.postern.spi.AuthResult;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Reply;
import dev.postern.spi.ScramDirectory;
import dev.postern.spi.ScramKeys;
import dev.postern.spi.ScramLookup;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677). A user who is not there gets a salt like any other, and whatever
 * is computed for one who is.
 */
final class ScramLogin {

    static final String PLAIN = "SCRAM-SHA-256";
    static final String PLUS = "SCRAM-SHA-256-PLUS";

    private static final int SECRET_OCTETS = 32;
    private static final int SALT_OCTETS = 16;
    private static final int NONCE_OCTETS = 18; // 24 characters, as those of most clients
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final SASLprep PREPARATION = new SASLprep();

    private final Guarded<ScramDirectory> directory;
    private final byte[] secret;
    private final Supplier<String> nonces;

    /** The secret is what made-up salts are made of; empty for one of its own. */
    ScramLogin(Guarded<ScramDirectory> directory, byte[] secret) {
        this(directory, secret, () -> Base64.getEncoder().encodeToString(random(NONCE_OCTETS)));
    }

    /** For tests: with nonces that are known. */
    ScramLogin(Guarded<ScramDirectory> directory, byte[] secret, Supplier<String> nonces) {
        this.directory = directory;
        this.secret = secret.length == 0 ? random(SECRET_OCTETS) : secret;
        this.nonces = nonces;
    }

    private static byte[] random(int octets) {
        byte[] random = new byte[octets];
        RANDOM.nextBytes(random);
        return random;
    }

    /** Begins an exchange; {@code plusOffered} tells whether this client could have had channel binding. */
    AuthGate.Exchange begin(String mechanism, boolean plusOffered, ClientInfo client, ChannelBindings bindings) {
        return new Exchange(mechanism.equals(PLUS), plusOffered, client, bindings);
    }

    private final class Exchange implements AuthGate.Exchange {
        private final boolean plus;
        private final boolean plusOffered;
        private final ClientInfo client;
        private final ChannelBindings bindings;
        private byte[] binding = new byte[0];
        private @Nullable ServerSide server;
        private AuthResult whenProven = AuthResult.denied();
        private @Nullable String confirmation;

        private Exchange(boolean plus, boolean plusOffered, ClientInfo client, ChannelBindings bindings) {
            this.plus = plus;
            this.plusOffered = plusOffered;
            this.client = client;
            this.bindings = bindings;
        }

        @Override
        public Step read(byte[] response) {
            Optional<String> text = Octets.utf8(response, 0, response.length);
            ServerSide begun = server;
            return begun == null
                    ? text.flatMap(ClientFirst::parse).map(this::begin).orElseGet(Step.Malformed::new)
                    : text.flatMap(ClientFinal::parse)
                            .<Step>map(last -> new Step.Shown(() -> check(begun, last)))
                            .orElseGet(Step.Malformed::new);
        }

        private Step begin(ClientFirst first) {
            if (plus != (first.binding() == Binding.USED)) {
                return new Step.Malformed();
            }
            if (first.binding() == Binding.NOT_OFFERED && plusOffered) {
                return new Step.Hopeless(); // somebody between us has taken the offer away (RFC 5802 section 6)
            }
            if (plus) {
                Optional<byte[]> data = bindings.of(first.bindingType());
                if (data.isEmpty()) {
                    return new Step.Unsupported();
                }
                binding = data.get();
            }
            String user = prepared(first.user());
            String authorization = prepared(first.authorization());
            if (user.isEmpty()
                    || authorization.isEmpty() != first.authorization().isEmpty()) {
                return new Step.Malformed();
            }
            return AuthGate.actsForAnother(authorization, user) ? new Step.Hopeless() : answer(first, user);
        }

        private Step answer(ClientFirst first, String user) {
            ScramLookup found = directory
                    .call(users -> users.find(user, client))
                    .orElseGet(() -> ScramLookup.unavailable("its plug-in has no answer"));
            whenProven = found.whenProven();
            if (whenProven instanceof AuthResult.Unavailable) {
                return new Step.Shown(() -> whenProven);
            }
            ScramKeys madeUp = madeUp(CanonicalName.ofUser(user), found.keys());
            boolean known = !(whenProven instanceof AuthResult.Denied);
            ServerSide begun = new ServerSide(first, known ? found.keys().orElse(madeUp) : madeUp, nonces.get());
            server = begun;
            return new Step.Challenge(AuthGate.challenge(begun.firstMessage()));
        }

        private AuthResult check(ServerSide begun, ClientFinal last) {
            boolean continues = begun.continues(last, binding);
            boolean proven = begun.isProven(last);
            confirmation = begun.finalMessage(last);
            return continues && proven ? whenProven : AuthResult.denied();
        }

        @Override
        public Optional<Reply> confirmation() {
            return Optional.ofNullable(confirmation).map(AuthGate::challenge);
        }
    }

    /** RFC 5802 section 5.1; empty when it cannot be a name. */
    private static String prepared(String name) {
        if (!AuthGate.isName(name)) { // before it is worked on
            return "";
        }
        try {
            String prepared = PREPARATION.prepareQuery(name);
            return AuthGate.isName(prepared) ? prepared : "";
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) { // the latter where nothing is left of it
            return "";
        }
    }

    /** Keys that nobody has, and that are the same each time. */
    private ScramKeys madeUp(String user, Optional<ScramKeys> like) {
        byte[] salt = new byte[like.map(keys -> keys.salt().length).orElse(SALT_OCTETS)];
        for (int made = 0, block = 0; made < salt.length; made += SECRET_OCTETS, block++) {
            byte[] octets = ServerSide.hmac(secret, "salt " + block + " " + user);
            System.arraycopy(octets, 0, salt, made, Math.min(octets.length, salt.length - made));
        }
        byte[] key = ServerSide.hmac(secret, "key " + user);
        return ScramKeys.of(salt, like.map(ScramKeys::iterations).orElse(ScramKeys.MIN_ITERATIONS), key, key);
    }
}
