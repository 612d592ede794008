package dev.postern.examples.servers;

import dev.postern.tools.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The mail servers, in the order of the page. */
enum Server {
    POSTFIX("Postfix", Role.BOTH),
    EXIM("Exim", Role.BOTH),
    OPENSMTPD("OpenSMTPD", Role.BOTH),
    SENDMAIL("sendmail", Role.BOTH),
    COURIER("Courier", Role.BOTH),
    DOVECOT("Dovecot submission", Role.UPSTREAM),
    DMA("dma", Role.SENDER),
    NULLMAILER("nullmailer", Role.SENDER);

    static final Path MODULE = Path.of("").toAbsolutePath();

    /** What it is to the relay. */
    private enum Role {
        UPSTREAM,
        SENDER,
        BOTH
    }

    private final String title;
    private final Role role;

    Server(String title, Role role) {
        this.title = title;
        this.role = role;
    }

    static List<Server> upstreams() {
        return Arrays.stream(values())
                .filter(server -> server.role != Role.SENDER)
                .toList();
    }

    static List<Server> senders() {
        return Arrays.stream(values())
                .filter(server -> server.role != Role.UPSTREAM)
                .toList();
    }

    String title() {
        return title;
    }

    /** The name of its folder, and of its script. */
    String folder() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it takes mail by SMTP, and not from programs of its host alone. */
    boolean listens() {
        return role != Role.SENDER;
    }

    /** Debian's version of what was fetched; empty where nothing was, or it cannot run. */
    Optional<String> version() {
        Path version = MODULE.resolve("target/servers").resolve(folder()).resolve("version");
        if (!Tool.MAIL_SERVERS.present() || !Files.exists(version)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readString(version).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
