package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rule R10 of docs/architecture.md: what is too long for one look is cut. Of the sources of every module but tests. */
@OnAnyJdk
class SourceSizeTest {

    private static final int TYPE_LINES = 450; // without imports, and without the types in it
    private static final int METHOD_LINES = 45;
    private static final int PARAMETERS = 8;

    /** Longer, for a reason. */
    private static final Map<String, Integer> LONGER = Map.of(
            "type QuotaStoreContract", 760, // one rule after the other; a user looks for all of them in one class
            "components of PosternProperties",
                    19, // these four are bound by the names of properties: nobody counts positions
            "components of UpstreamProperties", 12,
            "components of Sessions", 9,
            "components of Timeouts", 9);

    @Test
    void nothingIsTooLongForOneLook() throws IOException {
        JavacTask task = (JavacTask)
                ToolProvider.getSystemJavaCompiler().getTask(null, null, null, List.of("-proc:none"), null, sources());
        SourcePositions positions = Trees.instance(task).getSourcePositions();
        List<String> tooLong = new ArrayList<>();
        int types = 0;
        for (CompilationUnitTree source : task.parse()) {
            Sizes sizes = new Sizes(source, positions);
            sizes.scan(source, null);
            tooLong.addAll(sizes.tooLong);
            types += sizes.types;
        }
        assertThat(types).as("types that were looked at").isGreaterThan(300);
        assertThat(tooLong).isEmpty();
    }

    private static Iterable<? extends JavaFileObject> sources() throws IOException {
        List<Path> files = new ArrayList<>();
        Path main = Path.of("src", "main", "java");
        for (String modules : List.of("spi", "testkit", "core", "benchmarks", "extensions", "examples")) {
            try (Stream<Path> found = Files.walk(Path.of("..", modules))) {
                found.filter(file -> file.toString().endsWith(".java")
                                && file.toString().contains(main.toString()))
                        .forEach(files::add);
            }
        }
        return ToolProvider.getSystemJavaCompiler()
                .getStandardFileManager(null, null, null)
                .getJavaFileObjectsFromPaths(files);
    }

    private static final class Sizes extends TreePathScanner<@Nullable Void, @Nullable Void> {
        private final CompilationUnitTree source;
        private final SourcePositions positions;
        private final List<String> tooLong = new ArrayList<>();
        private int types;

        Sizes(CompilationUnitTree source, SourcePositions positions) {
            this.source = source;
            this.positions = positions;
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void nothing) {
            types++;
            int inner = type.getMembers().stream()
                    .filter(ClassTree.class::isInstance)
                    .mapToInt(this::lines)
                    .sum();
            String name = type.getSimpleName().toString();
            check("type " + name, lines(type) - inner, TYPE_LINES);
            if (type.getKind() == Tree.Kind.RECORD) {
                check(
                        "components of " + name,
                        (int) type.getMembers().stream()
                                .filter(Sizes::isComponent)
                                .count(),
                        PARAMETERS);
            }
            return super.visitClass(type, null);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
            check("method " + method.getName(), lines(method), METHOD_LINES);
            check("parameters of " + method.getName(), method.getParameters().size(), PARAMETERS);
            return super.visitMethod(method, null);
        }

        private static boolean isComponent(Tree member) {
            return member instanceof VariableTree field
                    && !field.getModifiers().getFlags().contains(Modifier.STATIC);
        }

        private int lines(Tree tree) {
            long begin = source.getLineMap().getLineNumber(positions.getStartPosition(source, tree));
            long end = source.getLineMap().getLineNumber(positions.getEndPosition(source, tree));
            return (int) (end - begin + 1);
        }

        private void check(String what, int size, int limit) {
            int most = LONGER.getOrDefault(what, limit);
            if (size > most) {
                tooLong.add(source.getSourceFile().getName() + ": " + what + " has " + size + ", at most " + most);
            }
        }
    }
}
