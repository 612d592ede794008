package dev.postern.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user has compiled against, and how each change of it is shown. */
class ApiGuardTest {

    private static final String MODULE =
            "module shop { requires transitive java.logging; requires java.xml; exports shop; }";
    private static final String TYPES = """
            package shop;
            public sealed interface Thing permits Thing.Pair, Thing.Single {
                record Pair(String name, String owner) implements Thing {}
                record Single(String name) implements Thing {}
            }
            """;

    @TempDir
    private Path module;

    @BeforeEach
    void write() throws Exception {
        compile(MODULE, TYPES);
        try (URLClassLoader loader = loader()) {
            ApiGuard.write(module, loader);
            assertThat(ApiGuard.check(module, loader)).isEmpty();
        }
    }

    @Test
    void componentsThatChangePlacesAreShown() throws Exception {
        assertThat(differences(MODULE, TYPES.replace("String name, String owner", "String owner, String name")))
                .containsExactly(
                        "- shop.Thing$Pair: public <init>(java.lang.String name, java.lang.String owner)",
                        "+ shop.Thing$Pair: public <init>(java.lang.String owner, java.lang.String name)");
    }

    @Test
    void eachMemberIsShownInItsClass() throws Exception {
        assertThat(differences(
                        MODULE, TYPES.replace("Pair(String name, ", "Pair(").replace("Single(", "Single(int no, ")))
                .containsExactly(
                        "- shop.Thing$Pair: public <init>(java.lang.String name, java.lang.String owner)",
                        "+ shop.Thing$Pair: public <init>(java.lang.String owner)",
                        "- shop.Thing$Pair: public String name()",
                        "+ shop.Thing$Single: public <init>(int no, java.lang.String name)",
                        "- shop.Thing$Single: public <init>(java.lang.String name)",
                        "+ shop.Thing$Single: public int no()");
    }

    @Test
    void whatTheModuleRequiresForItsUsersIsShown() throws Exception {
        assertThat(differences(MODULE.replace("transitive ", ""), TYPES))
                .containsExactly("- shop: requires transitive java.logging");
        assertThat(differences(MODULE.replace("module shop", "module store"), TYPES))
                .contains("- module shop", "+ module store");
        assertThat(differences(MODULE.replace("requires java.xml;", ""), TYPES)).isEmpty();
    }

    /** Without the first line, which names the file, and the last, which says how to accept. */
    private List<String> differences(String descriptor, String types) throws Exception {
        compile(descriptor, types);
        List<String> complaint;
        try (URLClassLoader loader = loader()) {
            complaint = ApiGuard.check(module, loader);
        }
        if (!complaint.isEmpty()) {
            assertThat(complaint.get(complaint.size() - 1)).endsWith("mvn verify -DskipTests -Dpostern.api=write");
        }
        return complaint.isEmpty() ? List.of() : complaint.subList(1, complaint.size() - 1);
    }

    private void compile(String descriptor, String types) throws IOException {
        Path info = Files.writeString(module.resolve("module-info.java"), descriptor);
        Path source = Files.writeString(module.resolve("Thing.java"), types);
        int result = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(System.out, System.err, "-d", classes().toString(), info.toString(), source.toString());
        assertThat(result).isZero();
    }

    private URLClassLoader loader() throws IOException {
        return new URLClassLoader(new URL[] {classes().toUri().toURL()}, ClassLoader.getPlatformClassLoader());
    }

    private Path classes() {
        return module.resolve("target/classes");
    }
}
