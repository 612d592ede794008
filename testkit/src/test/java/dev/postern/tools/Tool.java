package dev.postern.tools;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A program that no build brings, and how Debian does. A test that needs one that is not there is skipped, by {@link
 * Needs} or by {@link #assume}, and the build's end says so; it fails where {@code postern.tools} is {@code all}.
 */
public enum Tool {
    SMTP_SINK("smtp-sink", List.of(), "postfix"),
    SMTP_SOURCE("smtp-source", List.of(), "postfix"),
    CURL("curl", List.of(), "curl"),
    SWAKS("swaks", List.of(), "swaks"),
    /** Swaks that can do TLS. */
    SWAKS_TLS("swaks", List.of("perl", "-MNet::SSLeay", "-e", "1"), "swaks", "libnet-ssleay-perl"),
    MSMTP("msmtp", List.of(), "msmtp"),
    /** A client of SASL itself. */
    GSASL("gsasl", List.of(), "gsasl"),
    OPENSSL("openssl", List.of(), "openssl"),
    PYTHON("python3", List.of(), "python3"),
    /** A Python that verifies DKIM signatures, those of Ed25519 too. */
    DKIMPY("python3", List.of(Tool.FOUND, "-c", "import dkim, nacl"), "python3", "python3-dkim", "python3-nacl"),
    /** Node.js with nodemailer, of npm and not of Debian: in the working directory's {@code nodemailer}. */
    NODEMAILER("node", List.of(Tool.FOUND, "-p", "require('./nodemailer/node_modules/nodemailer')"), "nodejs", "npm"),
    /** What Thunderbird's own client began as; in the same place. */
    EMAILJS(
            "node",
            List.of(Tool.FOUND, "-p", "require('./nodemailer/node_modules/emailjs-smtp-client')"),
            "nodejs",
            "npm"),
    SYSTEMD_ANALYZE("systemd-analyze", List.of(), "systemd"),
    SLAPD("slapd", List.of(), "slapd"),
    DNSMASQ("dnsmasq", List.of(), "dnsmasq-base"),
    PROMETHEUS("prometheus", List.of(), "prometheus"),
    /** Checks rules; comes with Prometheus. */
    PROMTOOL("promtool", List.of(), "prometheus"),
    CHROMIUM("chromium", List.of(), "chromium"),
    /** Drives Chromium; of the same version. */
    CHROMEDRIVER("chromedriver", List.of(), "chromium-driver"),
    /** Mail servers in folders of their own below the working directory, and the right, root's, to mount these. */
    MAIL_SERVERS(
            "unshare",
            List.of(
                    Tool.FOUND,
                    "--mount",
                    "--pid",
                    "--fork",
                    "sh",
                    "-c",
                    "mount -t tmpfs tmpfs /mnt && test -f target/servers/nullmailer/version"),
            "util-linux");

    /** In the command of a check, the program that was found. */
    private static final String FOUND = "{}";

    private static final int PATIENCE_SECONDS = 50;
    private static final Map<Tool, Optional<Path>> PATHS = new EnumMap<>(Tool.class);

    private final String program;
    private final List<String> check;
    private final List<String> packages;

    Tool(String program, List<String> check, String... packages) {
        this.program = program;
        this.check = check;
        this.packages = List.of(packages);
    }

    /** What to run in the repository's root after that. */
    Optional<String> furtherCommand() {
        return switch (this) {
            case NODEMAILER, EMAILJS -> Optional.of("npm ci --prefix examples/clients/nodemailer");
            case MAIL_SERVERS -> Optional.of("examples/servers/fetch");
            default -> Optional.empty();
        };
    }

    /** One command that installs tools. */
    static String installing(Collection<Tool> tools) {
        String packages = tools.stream()
                .flatMap(tool -> tool.packages.stream())
                .sorted()
                .distinct()
                .collect(Collectors.joining(" "));
        return Stream.concat(
                        Stream.of(packages).filter(some -> !some.isEmpty()).map("apt-get install "::concat),
                        tools.stream()
                                .flatMap(tool -> tool.furtherCommand().stream())
                                .distinct())
                .collect(Collectors.joining(" && "));
    }

    /** The program to run, of one that is there. */
    public String path() {
        return find().orElseThrow(() -> new IllegalStateException(missing())).toString();
    }

    /** Whether it is there. */
    public boolean present() {
        return find().isPresent();
    }

    /** Skips the test that runs, or fails it, where the program is not there. */
    public void assume(Class<?> test) {
        if (!present()) {
            if (mustBePresent()) {
                throw new AssertionError(missing());
            }
            SkippedTests.add(this, test);
            Assumptions.abort(missing());
        }
    }

    static boolean mustBePresent() {
        return "all".equals(System.getProperty("postern.tools"));
    }

    String missing() {
        return this + " is missing: " + installing(List.of(this));
    }

    private Optional<Path> find() {
        synchronized (PATHS) {
            return PATHS.computeIfAbsent(this, Tool::search);
        }
    }

    /** In each folder of PATH and the sbin beside it, which a user's PATH has not; the first that passes the check. */
    private static Optional<Path> search(Tool tool) {
        for (String entry : System.getenv("PATH").split(File.pathSeparator)) {
            Path folder = Path.of(entry);
            for (Path place : List.of(folder, folder.resolveSibling("sbin"))) {
                Path path = place.resolve(tool.program);
                if (Files.isExecutable(path) && tool.passesCheck(path)) {
                    return Optional.of(path);
                }
            }
        }
        return Optional.empty();
    }

    private boolean passesCheck(Path path) {
        if (check.isEmpty()) {
            return true;
        }
        List<String> command = new ArrayList<>(check);
        command.replaceAll(part -> part.equals(FOUND) ? path.toString() : part);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(command + " does not end");
            }
            return process.exitValue() == 0;
        } catch (IOException e) {
            return false; // the check's own program is not there
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
