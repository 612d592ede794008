package dev.postern.internal.connection;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidParameterSpecException;
import java.security.spec.PSSParameterSpec;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a login over TLS can be bound to (RFC 5929, RFC 9266). */
final class TlsBinding {

    private static final Logger LOG = LoggerFactory.getLogger(TlsBinding.class);

    private static final String LABEL = "EXPORTER-Channel-Binding"; // RFC 9266 section 2
    private static final int LENGTH = 32;
    private static final Pattern HASH = Pattern.compile("(MD5|SHA-?\\d(?:-)?\\d*)WITH.*");

    /** {@code ExtendedSSLSession.exportKeyingMaterialData}, which is there from Java 25 on. */
    private static final @Nullable MethodHandle EXPORTER = exporter();

    private TlsBinding() {}

    private static @Nullable MethodHandle exporter() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(
                            ExtendedSSLSession.class,
                            "exportKeyingMaterialData",
                            MethodType.methodType(byte[].class, String.class, byte[].class, int.class));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return null;
        }
    }

    /** The data of a type; empty when the session has none. */
    static Optional<byte[]> of(SSLSession session, String type) {
        return switch (type) {
            case "tls-exporter" -> exported(session);
            case "tls-server-end-point" -> endPoint(session);
            default -> Optional.empty();
        };
    }

    /** With TLS 1.3 alone: below it, what clients take is tls-unique, which no JDK gives. */
    private static Optional<byte[]> exported(SSLSession session) {
        if (EXPORTER == null
                || !(session instanceof ExtendedSSLSession extended)
                || !session.getProtocol().equals("TLSv1.3")) {
            return Optional.empty();
        }
        try {
            return Optional.of((byte[]) EXPORTER.invokeExact(extended, LABEL, new byte[0], LENGTH));
        } catch (UnsupportedOperationException | SSLException e) {
            LOG.debug("this provider of TLS exports nothing", e);
            return Optional.empty();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("exportKeyingMaterialData threw what it does not declare", e);
        }
    }

    /** RFC 5929 section 4.1: the certificate's hash, by what it was signed with. */
    private static Optional<byte[]> endPoint(SSLSession session) {
        Certificate @Nullable [] chain = session.getLocalCertificates();
        if (chain == null || chain.length == 0 || !(chain[0] instanceof X509Certificate certificate)) {
            return Optional.empty();
        }
        try {
            Optional<String> hash = hash(certificate);
            return hash.isEmpty()
                    ? Optional.empty()
                    : Optional.of(MessageDigest.getInstance(hash.get()).digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            LOG.debug("the certificate binds nothing", e);
            return Optional.empty();
        }
    }

    /** Empty for a signature that has no hash function of its own, as Ed25519's: nothing is defined for it. */
    private static Optional<String> hash(X509Certificate certificate) throws GeneralSecurityException {
        String algorithm = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        if (algorithm.equals("RSASSA-PSS")) {
            return Optional.of(strong(pssHash(certificate)));
        }
        Matcher match = HASH.matcher(algorithm);
        return match.matches() ? Optional.of(strong(match.group(1))) : Optional.empty();
    }

    private static String pssHash(X509Certificate certificate) throws GeneralSecurityException {
        byte[] encoded = certificate.getSigAlgParams();
        if (encoded == null) {
            throw new InvalidParameterSpecException("RSASSA-PSS without parameters");
        }
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
        try {
            parameters.init(encoded);
        } catch (IOException e) {
            throw new GeneralSecurityException(e);
        }
        return parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm();
    }

    /** The hash by the platform's name: of those that signatures name otherwise, SHA256 is SHA-256, and SHA3-256 stays. */
    private static String strong(String hash) {
        return hash.matches("MD5|SHA-?1") ? "SHA-256" : hash.replaceFirst("^SHA(\\d{3})$", "SHA-$1");
    }
}
