package dev.postern.examples.quickstart;

import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.MessageRules;
import dev.postern.settings.Policies;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.SenderDomains;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that says what a relay makes of messages in files: it sends them to one of its own, which relays nothing. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        header = "Says what the relay makes of messages in files, and why. Nothing is sent.",
        description = {
            "Prints for each file: FILE, the reply and the reason of a refusal, with tabs between.",
            "Any domain may be in From:."
        },
        footer = {
            "",
            "Exit codes: 0 all are accepted, 1 one is refused, 2 wrong argument or a file that cannot be read."
        })
final class Check implements Callable<Integer> {

    private static final String HOST = "127.0.0.1";
    private static final String ADDRESS = "check@postern.invalid";

    private final PrintStream out;
    private final Queue<String> reasons = new ConcurrentLinkedQueue<>();

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "A message, or a directory of them.")
    private List<Path> files = new ArrayList<>();

    @Option(names = "--no-from", description = "Do not look at From:, for mail of others.")
    private boolean noFrom;

    Check(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException {
        Logging.configure(Logging.Format.TEXT, Logging.Level.WARN); // each line of what it says is of a file
        int code = CommandLine.ExitCode.OK;
        try (SmtpRelay relay = relay()) {
            for (Path each : messages()) {
                Reply reply = submit(each, relay.port());
                if (reply == null) {
                    code = CommandLine.ExitCode.USAGE;
                    print(each, "-", "cannot be read");
                } else {
                    // the relay tells its listener before it tells the client
                    String reason = reasons.poll();
                    code = reply.code() < 400 ? code : Math.max(code, CommandLine.ExitCode.SOFTWARE);
                    print(each, reply.toString(), reason == null ? "" : reason);
                }
            }
        }
        out.flush();
        return code;
    }

    private SmtpRelay relay() {
        Identity anybody = Identity.of(ADDRESS).withDomains("postern.invalid");
        MessageRules rules = MessageRules.defaults().withMaxSize(Long.MAX_VALUE);
        SmtpRelayBuilder builder = SmtpRelay.builder()
                .listen(HOST, 0)
                .auth(AuthSettings.defaults().withTrusted(HOST + "/32", anybody))
                .policies(Policies.defaults().withSenderDomains((identity, domain) -> SenderDomains.Status.VALIDATED))
                .messages(noFrom ? rules.without(dev.postern.settings.Check.FROM) : rules)
                .listener(RelayListener.of(event -> {
                    if (event instanceof RelayEvent.Refused refused) {
                        reasons.add(refused.detail());
                    }
                }))
                .delivery(message ->
                        DeliveryResult.accepted("nowhere", Reply.of(250, new EnhancedStatus(2, 0, 0), "not sent")));
        return builder.start();
    }

    private List<Path> messages() throws IOException {
        List<Path> all = new ArrayList<>();
        for (Path each : files) {
            if (Files.isDirectory(each)) {
                try (Stream<Path> below = Files.walk(each)) {
                    below.filter(Files::isRegularFile).sorted().forEach(all::add);
                }
            } else {
                all.add(each);
            }
        }
        return all;
    }

    /** Sends a file; null when it cannot be read. */
    private @Nullable Reply submit(Path file, int port) throws IOException {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (IOException e) {
            return null;
        }
        reasons.clear();
        try (Submission submission = Submission.open(HOST, port, ADDRESS)) {
            return submission.send(content);
        }
    }

    private void print(Path file, String reply, String reason) {
        String name = file.toString().replaceAll("\\p{Cntrl}", "?");
        out.println(name + "\t" + reply + "\t" + reason);
    }
}
