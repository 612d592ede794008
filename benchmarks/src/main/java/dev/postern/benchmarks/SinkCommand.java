package dev.postern.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a sink. */
@Command(
        name = "sink",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Takes every message; prints its port when it listens.")
final class SinkCommand implements Callable<Integer> {

    @Option(names = "--port", description = "0 for any free one.")
    private int port;

    @Option(names = "--tls", description = "${COMPLETION-CANDIDATES}")
    private TlsMode tls = TlsMode.NONE;

    @Option(names = "--keystore", description = "A PKCS12 file with the key for TLS.")
    private @Nullable Path keystore;

    @Option(names = "--keystore-password", description = "Its password.")
    private String password = "";

    @Option(names = "--no-chunking", description = "Does not offer BDAT.")
    private boolean noChunking;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var context = keystore == null ? null : Tls.server(keystore, password);
        if (tls != TlsMode.NONE && context == null) {
            throw new IllegalArgumentException("--tls needs a key: add --keystore");
        }
        try (Sink sink = new Sink(new Sink.Settings(tls, context, !noChunking, false), port)) {
            System.out.println("listening on 127.0.0.1:" + sink.port());
            new CountDownLatch(1).await();
        }
        return 0;
    }
}
