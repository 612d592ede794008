package dev.postern.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.Tool;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.interfaces.EdECPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Verifies with dkimpy, which is not ours: Debian's {@code python3-dkim} with {@code python3-nacl} for Ed25519. Its tests
 * need {@link Tool#DKIMPY}.
 */
final class DkimPy {

    /** For each line with the paths of a message and of records: a line for each signature, from the top, and an empty one. */
    private static final String SCRIPT = String.join(
            "\n",
            "import sys, dkim",
            "for paths in sys.stdin:",
            "    content, zone = paths.rstrip().split('\\t')",
            "    records = dict(line.split(' ', 1) for line in open(zone).read().splitlines())",
            "    def dns(name, timeout=5):",
            "        name = name.decode() if isinstance(name, bytes) else name",
            "        record = records.get(name.rstrip('.'))",
            "        return record.encode() if record else None",
            "    message = open(content, 'rb').read()",
            "    count = sum(1 for name, value in dkim.rfc822_parse(message)[0] if name.lower() == b'dkim-signature')",
            "    for i in range(count):",
            "        d = dkim.DKIM(message, minkey=1024)",
            "        try:",
            "            good = d.verify(idx=i, dnsfunc=dns)",
            "        except dkim.DKIMException as e:",
            "            good = str(e)",
            "        print(d.domain.decode(), d.selector.decode(), good)",
            "    print(flush=True)",
            "");

    /** One for all tests, since it loads for longer than it verifies. It ends with this JVM, which ends its input. */
    private static final class Running {
        static final Process PYTHON = start();
        static final BufferedReader ANSWERS = PYTHON.inputReader(StandardCharsets.UTF_8);
        static final BufferedWriter QUESTIONS = PYTHON.outputWriter(StandardCharsets.UTF_8);

        private static Process start() {
            try {
                return new ProcessBuilder(Tool.DKIMPY.path(), "-c", SCRIPT)
                        .redirectErrorStream(true)
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

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
    List<String> verify(byte[] message) throws IOException {
        Path content = Files.write(directory.resolve("message.eml"), message);
        Path zone = directory.resolve("records");
        Files.write(
                zone,
                records.entrySet().stream()
                        .map(each -> each.getKey() + " " + each.getValue())
                        .toList());
        synchronized (Running.PYTHON) {
            Running.QUESTIONS.write(content + "\t" + zone + "\n");
            Running.QUESTIONS.flush();
            return answer();
        }
    }

    private static List<String> answer() throws IOException {
        List<String> lines = new ArrayList<>();
        String line = Running.ANSWERS.readLine();
        while (line != null && !line.isEmpty()) {
            lines.add(line);
            line = Running.ANSWERS.readLine();
        }
        assertThat(line).as("dkimpy ended: %s", lines).isNotNull();
        return lines;
    }
}
