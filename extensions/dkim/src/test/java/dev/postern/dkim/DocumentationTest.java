package dev.postern.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.MessageSigner;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** Holds docs/content.md to code that compiles. */
@OnAnyJdk
class DocumentationTest {

    private static final Path SOURCE = Path.of("src/test/java/dev/postern/dkim/DocumentationTest.java");

    // example
    static MessageSigner signer(String rsaPem, String ed25519Pem) {
        return DkimSigner.of(DkimKeys.of(
                DkimKey.fromPem("example.org", "2026r", rsaPem), // also signs for a.example.org
                DkimKey.fromPem("example.org", "2026e", ed25519Pem))); // for MessageRules.withSigner
    }
    // end

    @Test
    void theExampleIsThisCode() throws IOException, GeneralSecurityException {
        String source = Files.readString(SOURCE);
        String example = source.substring(source.indexOf("// example\n") + 11, source.indexOf("    // end"));
        assertThat(Files.readString(Path.of("../../docs/content.md")))
                .contains("```java\n" + example.stripTrailing().stripIndent() + "\n```");
        assertThat(signer(pem(TestKeys.RSA), pem(TestKeys.ED25519))).isInstanceOf(DkimSigner.class);
    }

    private static String pem(KeyPair pair) {
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }
}
