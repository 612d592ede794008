package dev.postern.jdbc;

import dev.postern.stores.ServerProcess;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Folders that a build makes once for all its modules, and for the next build: they lie beside this module's compiled tests,
 * and go with them.
 */
final class Kept {

    /** Fills a new folder. */
    @FunctionalInterface
    interface Filler {
        void fill(Path folder) throws IOException;
    }

    private Kept() {}

    /**
     * Returns a folder, which nobody may change.
     *
     * @param name says all that its content depends on
     * @param filler makes the content, if nobody has before
     */
    static Path folder(String name, Filler filler) throws IOException {
        Path folder = classes().resolveSibling(name);
        if (!Files.isDirectory(folder)) {
            Path begun = Files.createTempDirectory(classes().resolveSibling("."), "begun-");
            try {
                filler.fill(begun);
                Files.move(begun, folder, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                if (!Files.isDirectory(folder)) {
                    throw e;
                } // else another process was first
            } finally {
                ServerProcess.delete(begun); // unless it was moved
            }
        }
        return folder;
    }

    /** The folder or the jar of this module's tests, in its folder "target". */
    private static Path classes() throws IOException {
        try {
            return Path.of(Kept.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toAbsolutePath();
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }
}
