package dev.postern.examples.quickstart;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options as they were given; picocli fills them in. */
final class Options {

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = {
                "Read options from this file: YAML, or properties where its name ends with .properties. Keys are the",
                "long options without dashes. The environment (POSTERN_LISTEN for --listen) overrides the file, and",
                "the command line overrides both."
            })
    @Nullable
    Path config;

    @Option(
            names = "--check-config",
            description = {
                "Say what the relay would run with, secrets masked, and end; nothing listens. Files are read, and",
                "what is wrong ends with 2."
            })
    boolean checkConfig;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = {
                "Listen here, in clear or with STARTTLS; port 0 is any free one. Repeatable.",
                "Default: 127.0.0.1:2525, when there is no --listen-tls either."
            })
    List<ListenAddress> listen = new ArrayList<>();

    @Option(
            names = "--listen-tls",
            paramLabel = "HOST:PORT",
            description = "Listen here, with TLS from the first octet. Repeatable.")
    List<ListenAddress> listenTls = new ArrayList<>();

    @Option(
            names = "--upstream",
            paramLabel = "URI",
            description = {
                "Relay to smtp://host:25, smtp+starttls://user:password@host:587 or smtps://user:password@host:465.",
                "Repeatable, in order of priority. Default: print messages on standard output."
            })
    List<UpstreamUri> upstreams = new ArrayList<>();

    @Option(
            names = "--upstream-password-file",
            paramLabel = "FILE",
            description = {
                "Holds the password of an --upstream that has a user and no password: smtps://user@host:465.",
                "Repeatable: one for each such --upstream, in their order. Read at the start."
            })
    List<Path> upstreamPasswordFiles = new ArrayList<>();

    @Option(
            names = "--allow-plaintext-upstream-auth",
            description = {
                "Let smtp://user:password@host:25 log in without TLS: whoever listens on the network then has the",
                "password. Without this option, such an --upstream is an error."
            })
    boolean allowPlaintextUpstreamAuth;

    @Option(
            names = "--upstream-timeout",
            paramLabel = "TIME",
            description = {
                "Time-out for connecting, each reply and each block of content, for instance 30s.",
                "Default: 30s to connect, 1m or 2m for the others, 5m for the reply to the content."
            })
    @Nullable
    Duration upstreamTimeout;

    @Option(
            names = "--upstream-connections",
            paramLabel = "NUMBER",
            description = {
                "Open no more connections than this to each upstream at a time. Messages beyond them wait, up to 30s.",
                "Default: 100, and fewer where an upstream is seen to take fewer."
            })
    @Nullable
    Integer upstreamConnections;

    @Option(
            names = "--spool",
            paramLabel = "DIRECTORY|JDBC-URL",
            description = {
                "Keep messages until the upstream takes them: 250 then means that a message is on this disk, or in",
                "this database (jdbc:postgresql://HOST/DATABASE?user=NAME&password=SECRET), which several relays may",
                "share. jdbc:mariadb: and jdbc:mysql: need their driver on the class path.",
                "Default: 250 means that the upstream has it."
            })
    @Nullable
    String spool;

    @Option(
            names = "--spool-retry",
            paramLabel = "TIME,TIME...",
            split = ",",
            description = {"Pauses between attempts; the last one stays. With --spool.", "Default: 1m,5m,15m,30m,1h."})
    List<Duration> spoolRetry = new ArrayList<>();

    @Option(
            names = "--spool-give-up",
            paramLabel = "TIME",
            description =
                    "Tell the sender after this time that a message was not delivered. With --spool. Default: 48h.")
    @Nullable
    Duration spoolGiveUp;

    @Option(
            names = "--user",
            paramLabel = "NAME:SECRET[:ACCOUNT[:DOMAIN,DOMAIN...]]",
            description = {
                "Who may log in; case does not matter in NAME and ACCOUNT. ACCOUNT is NAME's domain or NAME,",
                "DOMAIN is NAME's domain, unless given. Repeatable.",
                "Default: demo@example.org:demo, on loopback addresses only."
            })
    List<User> users = new ArrayList<>();

    @Option(
            names = "--users",
            paramLabel = "FILE",
            description = {
                "Who may log in, in place of --user: lines of NAME:HASH[:ACCOUNT[:DOMAIN,DOMAIN...]], with hashes of",
                "Argon2id, bcrypt or SHA-512 crypt, or keys of SCRAM; hash-password makes them. SCRAM-SHA-256 is offered",
                "when all have keys. Read again when it has changed."
            })
    @Nullable
    Path usersFile;

    @Option(
            names = "--disabled-account",
            paramLabel = "ACCOUNT",
            description = "An account without relay service: right credentials do not help. Repeatable.")
    List<String> disabledAccounts = new ArrayList<>();

    @Option(
            names = "--unvalidated-domain",
            paramLabel = "DOMAIN",
            description = "A domain that its users may not send from, for it is not validated. Repeatable.")
    List<String> unvalidatedDomains = new ArrayList<>();

    @Option(
            names = "--trust",
            paramLabel = "CIDR=NAME",
            description = "Clients from CIDR act as user NAME without logging in. Repeatable.")
    List<TrustedClients> trusted = new ArrayList<>();

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description = {
                "Offer TLS with the certificates of this PEM file, the server's own first. With --tls-key. Both are",
                "read again when they have changed."
            })
    @Nullable
    Path tlsCertificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Holds the key of --tls-certificate: PEM, PKCS #8.")
    @Nullable
    Path tlsKey;

    @Option(
            names = "--tls-key-password-file",
            paramLabel = "FILE",
            description = "Holds the password of --tls-key, when it is encrypted.")
    @Nullable
    Path tlsKeyPasswordFile;

    @Option(names = "--tls-self-signed", description = "Offer TLS with a throw-away certificate for localhost.")
    boolean tlsSelfSigned;

    @Option(
            names = "--tls-keystore",
            paramLabel = "FILE",
            description = "Offer TLS with the key in this PKCS12 or JKS file.")
    @Nullable
    Path tlsKeystore;

    @Option(
            names = "--tls-keystore-password-file",
            paramLabel = "FILE",
            description = "Holds the password of the key store and its key.")
    @Nullable
    Path tlsKeystorePasswordFile;

    @Option(
            names = "--tls-provider",
            paramLabel = "CLASS",
            description = "Offer TLS by this security provider of the class path instead of the JDK's own.")
    @Nullable
    String tlsProvider;

    @Option(
            names = "--allow-plaintext-auth",
            description = "Let users log in without TLS: whoever listens on the network then has the passwords.")
    boolean allowPlaintextAuth;

    @Option(
            names = "--limit",
            paramLabel = "NAME=VALUE",
            description = {
                "Repeatable; 0 or none is unlimited. NAMEs and defaults:",
                "recipients=50 (of a message), message-size=20m, messages=20 (of a session), inactivity=120s,",
                "lifetime=30m (of a session), sessions-user=10, sessions-account=50, session-wait=5s",
                "(for a place of these two; 0 or none is no wait), sessions-ip=50,",
                "connections=1000, errors=20 (of a session), auth-failures=10/10m/5m (number/window/block),",
                "quota=none (1000/day, /week or /month; recipients of an account), memory=64m (all contents),",
                "spool=100000 (messages that wait in the --spool), spool-account=20000 (those of an account)"
            })
    List<Limit> limits = new ArrayList<>();

    @Option(
            names = "--management",
            paramLabel = "HOST:PORT",
            description = {
                "Serve HTTP here, to watch and steer the relay: / (a page for people, with the mail where there is no",
                "--upstream), GET /health, GET /metrics (for Prometheus), GET /sessions, DELETE /sessions/ID, POST",
                "/revoke?user=NAME, GET /quota?account=NAME, POST /pause, POST /resume; with --spool, GET /spool, and",
                "GET, POST and DELETE /spool/ID. A loopback address, unless there is a token."
            })
    @Nullable
    ListenAddress management;

    @Option(
            names = "--management-token-file",
            paramLabel = "FILE",
            description = {
                "Holds the token that --management wants to see, as Authorization: Bearer TOKEN. Without it,",
                "GET /health is answered by the status alone. Read at the start."
            })
    @Nullable
    Path managementTokenFile;

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            description = "How lines are logged on standard error: text, or JSON objects. Default: text.")
    Logging.Format logFormat = Logging.Format.TEXT;

    @Option(
            names = "--log-level",
            paramLabel = "error|warn|info|debug|trace",
            description = "How much is logged. Default: info.")
    Logging.Level logLevel = Logging.Level.INFO;

    List<ListenAddress> allAddresses() {
        return Stream.concat(listen.stream(), listenTls.stream()).toList();
    }
}
