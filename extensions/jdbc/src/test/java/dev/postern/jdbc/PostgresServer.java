package dev.postern.jdbc;

import dev.postern.stores.ServerProcess;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL from zonky's binaries. It refuses to run as root, so it then runs as nobody: by {@code setpriv} of
 * util-linux, which every Debian has and which needs no user namespaces.
 */
final class PostgresServer extends ServerProcess {

    private static final String NOBODY = "65534";
    private static final String BINARIES = "/postgres-linux-x86_64.txz";

    private static final List<String> INITDB =
            List.of("-U", "postern", "-A", "trust", "-E", "UTF8", "--no-sync", "--wal-segsize=1");

    private static @Nullable Template template;

    /** What all servers of this process are run by, and the files that they begin with. */
    private record Template(Path home, Path data) {}

    private final long largestFile;
    private final List<String> options;

    PostgresServer() {
        this(Long.MAX_VALUE, "max_connections=200");
    }

    /** With a limit on its files' octets, which it takes as it takes a full disk, and with settings. */
    PostgresServer(long largestFile, String... options) {
        this(false, largestFile, options);
    }

    /** Follows a primary from the files on that all servers begin with. */
    static PostgresServer standby(String primary) {
        return new PostgresServer(
                true, Long.MAX_VALUE, "max_connections=200", "hot_standby=on", "primary_conninfo=" + primary);
    }

    private PostgresServer(boolean standby, long largestFile, String... options) {
        super("postgres");
        this.largestFile = largestFile;
        this.options = List.of(options);
        try {
            open(directory);
            copy(template(this).data, directory);
            if (standby) {
                Files.createFile(Path.of(data(), "standby.signal"));
                Files.setPosixFilePermissions(
                        Path.of(data(), "standby.signal"), PosixFilePermissions.fromString("rw-rw-rw-"));
            }
            if (root()) {
                run(List.of("chown", NOBODY + ":" + NOBODY, directory.toString()), true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
    }

    /** Unpacking and initdb take seconds each, so a build does them once. */
    private static synchronized Template template(PostgresServer first) throws IOException {
        if (template == null) {
            Path binaries = Kept.folder("postgres-" + version(), PostgresServer::unpack);
            Path home = root() ? first.forNobody(binaries) : binaries;
            String name = "postgres-data-" + INITDB.hashCode() + "-" + version();
            Path data = Kept.folder(name, folder -> first.initialize(home, folder));
            template = new Template(home, data.resolve("data"));
        }
        return template;
    }

    /** The name of the binaries' file, which has their version. */
    private static String version() {
        String[] path = binaries().getPath().split("[/!]+", -1);
        return path[path.length - 2];
    }

    private static URL binaries() {
        URL binaries = PostgresServer.class.getResource(BINARIES);
        if (binaries == null) {
            throw new IllegalStateException("PostgreSQL's binaries are not on the class path");
        }
        return binaries;
    }

    /** A copy of a folder that it can reach. */
    private Path forNobody(Path folder) throws IOException {
        Path made = Files.createTempDirectory("postern-postgres-template");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(made)));
        copy(folder.resolve("."), made);
        open(made);
        return made;
    }

    private void initialize(Path home, Path folder) {
        List<String> command = asNobody(home, "initdb", "-D", data());
        command.addAll(INITDB);
        if (root()) {
            run(List.of("chown", NOBODY + ":" + NOBODY, directory.toString()), true);
        }
        run(command, true);
        run(List.of("mv", data(), folder.toString()), true);
    }

    private void copy(Path from, Path into) {
        run(List.of("cp", "-a", from.toString(), into.toString()), true);
    }

    private static void open(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private String data() {
        return directory.resolve("data").toString();
    }

    @Override
    protected List<String> command() {
        List<String> command = new ArrayList<>();
        if (largestFile < Long.MAX_VALUE) {
            command.addAll(List.of("prlimit", "--fsize=" + largestFile, "--"));
        }
        command.addAll(asNobody(program(), "postgres", "-D", data(), "-p", Integer.toString(port)));
        for (String option : options) {
            command.addAll(List.of("-c", option));
        }
        command.addAll(List.of("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="));
        // tests kill the server, not the machine, whose memory keeps what the disk would
        command.addAll(List.of("-c", "fsync=off", "-c", "wal_init_zero=off", "-c", "shared_buffers=32MB"));
        return command;
    }

    /** It listens before it has recovered from a crash. */
    @Override
    protected boolean ready() {
        try (Connection connection = DriverManager.getConnection(url("postgres"))) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postern";
    }

    private Path program() {
        try {
            return template(this).home;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> asNobody(Path home, String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (root()) {
            command.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--"));
        }
        command.add(home.resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private static void unpack(Path folder) throws IOException {
        try (InputStream jar = binaries().openStream()) {
            TarArchiveInputStream tar =
                    new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(jar)));
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(tar, entry, folder.resolve(entry.getName()));
            }
        }
    }

    private static void unpack(InputStream tar, TarArchiveEntry entry, Path target) throws IOException {
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(target.resolveSibling("."));
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else {
            Files.copy(tar, target);
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }
}
