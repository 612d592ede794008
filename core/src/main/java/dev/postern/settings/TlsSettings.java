package dev.postern.settings;

import dev.postern.spi.ClientCertificates;
import dev.postern.spi.RelayClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.2 and 1.3 for clients. Keys may change while the relay runs: each handshake uses the current ones, and running
 * sessions keep theirs. Immutable; {@link #toString()} does not show a password.
 */
public final class TlsSettings {

    private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);

    private final Fields fields;

    private static final class Fields extends Values {
        private @Nullable Supplier<SSLContext> contexts;
        private @Nullable PemFiles files;
        private PemFiles.@Nullable Material material; // what the files had when the setting was made
        private Duration reloadInterval = Duration.ofSeconds(10);
        private ClientCertificates clientCertificates = ClientCertificates.NONE;
    }

    private TlsSettings(Fields fields) {
        this.fields = fields;
    }

    private TlsSettings with(Consumer<Fields> change) {
        return new TlsSettings(Values.copy(fields, change));
    }

    /**
     * Returns settings with these keys.
     *
     * @param context has the server's key
     * @return the settings
     */
    public static TlsSettings of(SSLContext context) {
        Objects.requireNonNull(context, "context");
        return of(() -> context);
    }

    /**
     * Returns settings with keys that the host may change.
     *
     * @param contexts returns the current keys, quickly, on the session's thread. Must return the same object while the
     *     keys stay the same, because clients can resume a TLS session only within one
     * @return the settings
     */
    public static TlsSettings of(Supplier<SSLContext> contexts) {
        Objects.requireNonNull(contexts, "contexts");
        return new TlsSettings(new Fields()).with(copy -> copy.contexts = contexts);
    }

    /**
     * Returns settings with the certificates and the key of two PEM files, as ACME clients write them. The relay reads
     * them again when they have changed, see {@link #withReloadInterval}. If they cannot be read then or do not match,
     * it logs a warning and keeps the old ones.
     *
     * @param certificateChain certificates, the server's own first; at most 1 MiB
     * @param privateKey the server's key as PKCS #8, {@code BEGIN PRIVATE KEY}; RSA, EC or Ed25519
     * @return the settings
     * @throws IllegalArgumentException when a file cannot be read or has other content, or the key does not match the
     *     certificate
     */
    public static TlsSettings pem(Path certificateChain, Path privateKey) {
        return of(PemFiles.of(certificateChain, privateKey, ""));
    }

    /**
     * Returns settings like {@link #pem(Path, Path)}, but with an encrypted key, {@code BEGIN ENCRYPTED PRIVATE KEY}.
     *
     * @param certificateChain certificates, the server's own first; at most 1 MiB
     * @param privateKey the server's key as encrypted PKCS #8 (PBES2)
     * @param password the key's password
     * @return the settings
     * @throws IllegalArgumentException when a file cannot be read or has other content, the password is wrong, or the
     *     key does not match the certificate
     */
    public static TlsSettings pem(Path certificateChain, Path privateKey, String password) {
        return of(PemFiles.of(certificateChain, privateKey, password));
    }

    private static TlsSettings of(PemFiles files) {
        return new TlsSettings(new Fields()).withFiles(files);
    }

    /** Reads the files now, so that errors show at the call. */
    private TlsSettings withFiles(PemFiles files) {
        PemFiles.Material material = files.load();
        return with(copy -> {
            copy.files = files;
            copy.material = material;
        });
    }

    /**
     * Sets how often a handshake checks whether PEM files have changed. Default: 10 s.
     *
     * @param interval 1 s to a day
     * @return a copy
     * @throws IllegalArgumentException when interval is out of bounds
     */
    public TlsSettings withReloadInterval(Duration interval) {
        return with(copy ->
                copy.reloadInterval = Bounds.between("reloadInterval", SHORTEST_INTERVAL, Bounds.DAY, interval));
    }

    /**
     * Asks clients for a certificate, which the authenticator and the policies then get by {@link
     * dev.postern.spi.ClientInfo#tls()}. The context determines which are trusted; with PEM files, the JVM. Default:
     * clients are not asked.
     *
     * @param mode whether a certificate is wanted or needed
     * @return a copy
     */
    public TlsSettings withClientCertificates(ClientCertificates mode) {
        return with(copy -> copy.clientCertificates = Objects.requireNonNull(mode, "clientCertificates"));
    }

    /**
     * Asks clients for a certificate issued by these authorities. Only with PEM files; an {@link SSLContext} has its
     * own trust.
     *
     * @param mode whether a certificate is wanted or needed
     * @param authorities a PEM file with the certificates to trust; read again when it has changed
     * @return a copy
     * @throws IllegalArgumentException when the file cannot be read or has other content
     * @throws IllegalStateException when the key material is an {@link SSLContext}
     */
    public TlsSettings withClientCertificates(ClientCertificates mode, Path authorities) {
        if (fields.files == null) {
            throw new IllegalStateException("authorities: give them to the SSLContext, which has its own trust");
        }
        return withClientCertificates(mode).withFiles(fields.files.withAuthorities(authorities));
    }

    /**
     * Returns the key material for one relay, which gets it at each handshake.
     *
     * @param clock determines when PEM files are checked again
     * @return the current context; the same one until the keys change
     */
    public Supplier<SSLContext> contexts(RelayClock clock) {
        return fields.files == null || fields.material == null
                ? Objects.requireNonNull(fields.contexts)
                : new ReloadedContext(fields.files, fields.material, fields.reloadInterval, clock);
    }

    /** {@return whether clients are asked for a certificate} */
    public ClientCertificates clientCertificates() {
        return fields.clientCertificates;
    }

    /** Returns where the keys come from. */
    @Override
    public String toString() {
        return "TlsSettings[" + (fields.files == null ? "context" : fields.files) + ", clientCertificates="
                + fields.clientCertificates + "]";
    }
}
