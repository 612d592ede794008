package dev.postern.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.interfaces.EdECPublicKey;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Verifies with dkimpy, which is not ours: Debian's {@code python3-dkim} with {@code python3-nacl} for Ed25519. Its tests
 * need {@link Tool#DKIMPY}.
 */
final class DkimPy {

    /** Prints one line for each signature, from the top: its d=, its s=, and whether it is good. */
    private static final String SCRIPT = String.join(
            "\n",
            "import sys, dkim",
            "records = dict(line.split(' ', 1) for line in open(sys.argv[2]).read().splitlines())",
            "def dns(name, timeout=5):",
            "    name = name.decode() if isinstance(name, bytes) else name",
            "    record = records.get(name.rstrip('.'))",
            "    return record.encode() if record else None",
            "message = open(sys.argv[1], 'rb').read()",
            "count = sum(1 for name, value in dkim.rfc822_parse(message)[0] if name.lower() == b'dkim-signature')",
            "for i in range(count):",
            "    d = dkim.DKIM(message, minkey=1024)",
            "    try:",
            "        good = d.verify(idx=i, dnsfunc=dns)",
            "    except dkim.DKIMException as e:",
            "        good = str(e)",
            "    print(d.domain.decode(), d.selector.decode(), good)",
            "");

    private final Path directory;
    private final Map<String, String> records = new TreeMap<>();

    DkimPy(Path directory) {
        this.directory = directory;
    }

    /** Publishes a key. */
    DkimPy with(DkimKey key, PublicKey publicKey) {
        byte[] encoded = publicKey.getEncoded();
        boolean ed25519 = publicKey instanceof EdECPublicKey;
        // of Ed25519 the record has the bare key (RFC 8463 section 4.2), which ends the encoded one
        byte[] published =
                ed25519 ? java.util.Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length) : encoded;
        records.put(
                key.toString(),
                "v=DKIM1; k=" + (ed25519 ? "ed25519" : "rsa") + "; p="
                        + Base64.getEncoder().encodeToString(published));
        return this;
    }

    /** Returns a line for each signature. */
    List<String> verify(byte[] message) throws IOException, InterruptedException {
        Path content = Files.write(directory.resolve("message.eml"), message);
        Path zone = directory.resolve("records");
        Files.write(
                zone,
                records.entrySet().stream()
                        .map(each -> each.getKey() + " " + each.getValue())
                        .toList());
        Path output = directory.resolve("output");
        Process python = new ProcessBuilder(Tool.DKIMPY.path(), "-c", SCRIPT, content.toString(), zone.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(python.waitFor(50, TimeUnit.SECONDS))
                .as("dkimpy ended in time")
                .isTrue();
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(python.exitValue()).as(text).isZero();
        return text.lines().toList();
    }
}
