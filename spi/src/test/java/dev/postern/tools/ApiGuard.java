package dev.postern.tools;

import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares the public and protected signatures of a module's exported packages with those that its api.txt has, and fails
 * when they differ: what a user has compiled against does not change by accident. The build runs it for each module, see the
 * parent's pom. It is among the tests of the module that is built first, so that it is compiled once.
 *
 * <pre>java dev.postern.tools.ApiGuard MODULE_DIRECTORY check|write</pre>
 *
 * with the module and what it needs on the class path.
 */
public final class ApiGuard {

    private static final String FILE = "api.txt";
    private static final String MODULE_INFO = "module-info.class";
    private static final String HEAD = "# The public and protected signatures of this module. Written by"
            + " mvn verify -DskipTests -Dpostern.api=write\n";

    private final Path classes;
    private final ClassLoader loader;

    private ApiGuard(Path classes, ClassLoader loader) {
        this.classes = classes;
        this.loader = loader;
    }

    public static void main(String[] args) throws Exception {
        Path module = Path.of(args[0]);
        ClassLoader loader = ApiGuard.class.getClassLoader();
        if (args[1].equals("write")) {
            write(module, loader);
            return;
        }
        List<String> complaint = check(module, loader);
        if (!complaint.isEmpty()) {
            throw new IllegalStateException(String.join("\n", complaint)); // an exit would end Maven
        }
    }

    static void write(Path module, ClassLoader loader) throws IOException, ClassNotFoundException {
        Files.writeString(module.resolve(FILE), signaturesOf(module, loader));
    }

    /** Says what differs from the module's file, and how to accept it; nothing when they are the same. */
    static List<String> check(Path module, ClassLoader loader) throws IOException, ClassNotFoundException {
        Path file = module.resolve(FILE);
        String now = signaturesOf(module, loader);
        String then = Files.exists(file) ? Files.readString(file) : "";
        if (now.equals(then)) {
            return List.of();
        }
        List<String> complaint = new ArrayList<>(List.of(file + " is not what the module has now:"));
        complaint.addAll(differences(then, now));
        complaint.add("Where that is wanted, say so in CHANGELOG.md, and accept it by"
                + " mvn verify -DskipTests -Dpostern.api=write");
        return complaint;
    }

    private static String signaturesOf(Path module, ClassLoader loader) throws IOException, ClassNotFoundException {
        return HEAD + new ApiGuard(module.resolve("target/classes"), loader).signatures();
    }

    /** Each line with the class that it is in, where just one side has it. */
    private static List<String> differences(String then, String now) {
        Set<String> before = inTheirClasses(then);
        Set<String> after = inTheirClasses(now);
        return Stream.concat(
                        before.stream().filter(line -> !after.contains(line)).map(line -> "- " + line),
                        after.stream().filter(line -> !before.contains(line)).map(line -> "+ " + line))
                .sorted(Comparator.comparing((String line) -> line.substring(2)))
                .toList();
    }

    private static Set<String> inTheirClasses(String text) {
        Set<String> lines = new TreeSet<>();
        String type = "";
        for (String line : text.split("\n")) {
            if (line.startsWith("  ")) {
                lines.add(type + ": " + line.strip());
            } else if (!line.isBlank() && !line.startsWith("#")) {
                type = line.replaceFirst("^.*?\\b(?:module|package|class|interface|enum|record) ([^ <]+).*$", "$1");
                lines.add(line);
            }
        }
        return lines;
    }

    private String signatures() throws IOException, ClassNotFoundException {
        Set<String> exported = exportedPackages();
        TreeMap<String, String> types = new TreeMap<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                String name = classes.relativize(file)
                        .toString()
                        .replace(".class", "")
                        .replaceAll("[/\\\\]", ".");
                String home = name.substring(0, Math.max(0, name.lastIndexOf('.')));
                if (exported.contains(home) && name.endsWith("package-info")) {
                    types.put(home, "\n" + marks(Class.forName(name, true, loader)) + "package " + home + "\n");
                } else if (exported.contains(home)) {
                    Class<?> type = Class.forName(name, false, loader);
                    if (isShown(type)) {
                        types.put(name, signatures(type));
                    }
                }
            }
        }
        return module() + String.join("", types.values());
    }

    /** By its name others require it, and what it requires for them they can use without a word. */
    private String module() throws IOException {
        Path info = classes.resolve(MODULE_INFO);
        if (!Files.exists(info)) {
            return "";
        }
        ModuleDescriptor module = read(info);
        return "\nmodule " + module.name() + "\n"
                + module.requires().stream()
                        .filter(required ->
                                required.modifiers().contains(ModuleDescriptor.Requires.Modifier.TRANSITIVE))
                        .map(required -> "  requires transitive " + required.name() + "\n")
                        .sorted()
                        .collect(Collectors.joining());
    }

    private static ModuleDescriptor read(Path info) throws IOException {
        try (InputStream in = Files.newInputStream(info)) {
            return ModuleDescriptor.read(in);
        }
    }

    /** A module says what it exports; of any other, what is not internal is open to all. */
    private Set<String> exportedPackages() throws IOException {
        Path info = classes.resolve(MODULE_INFO);
        if (Files.exists(info)) {
            return read(info).exports().stream()
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toSet());
        }
        try (Stream<Path> files = Files.walk(classes)) {
            return files.filter(path -> path.toString().endsWith(".class"))
                    .map(path -> classes.relativize(path.getParent()).toString().replaceAll("[/\\\\]", "."))
                    .filter(Predicate.not(name -> (name + ".").contains(".internal.")))
                    .collect(Collectors.toSet());
        }
    }

    private static boolean isShown(Class<?> type) {
        return !type.isSynthetic()
                && !type.isAnonymousClass()
                && !type.isLocalClass()
                && isShown(type.getModifiers(), type.getDeclaringClass())
                && (type.getDeclaringClass() == null || isShown(type.getDeclaringClass()));
    }

    /** Protected is for those who extend, and a final or sealed class cannot be. */
    private static boolean isShown(int modifiers, Class<?> home) {
        return Modifier.isPublic(modifiers)
                || Modifier.isProtected(modifiers)
                        && (home == null || !Modifier.isFinal(home.getModifiers()) && !home.isSealed());
    }

    private static String signatures(Class<?> type) {
        List<String> members = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (isShown(field.getModifiers(), type) && !field.isSynthetic()) {
                members.add(marks(field) + modifiers(field.getModifiers() & Modifier.fieldModifiers())
                        + text(field.getAnnotatedType()) + " " + field.getName() + value(field));
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isShown(constructor.getModifiers(), type) && !constructor.isSynthetic()) {
                members.add(marks(constructor) + modifiers(constructor.getModifiers() & Modifier.constructorModifiers())
                        + typeParameters(constructor.getTypeParameters()) + "<init>"
                        + (isCanonical(constructor) ? components(type) : rest(constructor)));
            }
        }
        // who cannot be seen gives its methods to who can
        for (Class<?> home = type; home != null && (home == type || !isShown(home)); home = home.getSuperclass()) {
            for (Method method : home.getDeclaredMethods()) {
                if (isShown(method.getModifiers(), type) && !method.isSynthetic() && !isOfEveryObject(method)) {
                    members.add(marks(method) + (method.isDefault() ? "default " : "")
                            + modifiers(method.getModifiers() & Modifier.methodModifiers() & ~Modifier.SYNCHRONIZED)
                            + typeParameters(method.getTypeParameters()) + text(method.getAnnotatedReturnType()) + " "
                            + method.getName() + rest(method)
                            + (method.getDefaultValue() == null ? "" : " default " + method.getDefaultValue()));
                }
            }
        }
        return "\n" + head(type) + "\n"
                + members.stream()
                        .distinct()
                        .sorted()
                        .map(member -> "  " + member + "\n")
                        .collect(Collectors.joining());
    }

    private static boolean isCanonical(Constructor<?> constructor) {
        return constructor.getDeclaringClass().isRecord()
                && Arrays.equals(
                        constructor.getParameterTypes(),
                        Arrays.stream(constructor.getDeclaringClass().getRecordComponents())
                                .map(component -> component.getType())
                                .toArray());
    }

    /**
     * With their names, for two of one type can change places. Not every compiler keeps the type arguments of a canonical
     * constructor; the accessors have them.
     */
    private static String components(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(component -> component.getType().getTypeName() + " " + component.getName())
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private static boolean isOfEveryObject(Method method) {
        return Arrays.stream(Object.class.getMethods())
                .anyMatch(every -> every.getName().equals(method.getName())
                        && Arrays.equals(every.getParameterTypes(), method.getParameterTypes()));
    }

    private static String head(Class<?> type) {
        int modifiers = type.getModifiers() & (Modifier.classModifiers() | Modifier.interfaceModifiers());
        String kind = type.isAnnotation()
                ? "@interface"
                : type.isInterface() ? "interface" : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
        if (type.isInterface()) {
            modifiers &= ~(Modifier.ABSTRACT | Modifier.STATIC);
        }
        if (type.isEnum()) {
            modifiers &= ~(Modifier.FINAL | Modifier.STATIC | Modifier.ABSTRACT); // depends on the constants' bodies
        }
        boolean ofItsKind = type.getSuperclass() == null
                || Set.of(Object.class, Enum.class, Record.class).contains(type.getSuperclass());
        return marks(type) + modifiers(modifiers) + (type.isSealed() && !type.isEnum() ? "sealed " : "") + kind + " "
                + type.getName()
                + typeParameters(type.getTypeParameters())
                + (ofItsKind ? "" : " extends " + text(type.getAnnotatedSuperclass()))
                + list(" implements ", texts(type.getAnnotatedInterfaces()))
                + list(
                        " permits ",
                        !type.isSealed() || type.isEnum()
                                ? List.of()
                                : Arrays.stream(type.getPermittedSubclasses())
                                        .map(Class::getName)
                                        .sorted()
                                        .toList());
    }

    /** What a caller can rely on: null-markedness, and that something is deprecated. */
    private static String marks(AnnotatedElement element) {
        return Arrays.stream(element.getDeclaredAnnotations())
                .map(Annotation::annotationType)
                .filter(type -> type == Deprecated.class
                        || type == FunctionalInterface.class
                        || type.getName().startsWith("org.jspecify"))
                .map(type -> "@" + type.getSimpleName() + " ")
                .distinct()
                .filter(mark -> !mark.equals("@Nullable ")) // stands at the type
                .sorted()
                .collect(Collectors.joining());
    }

    private static String modifiers(int modifiers) {
        String text = Modifier.toString(modifiers & ~(Modifier.TRANSIENT | Modifier.VOLATILE));
        return text.isEmpty() ? "" : text + " ";
    }

    private static String value(Field field) {
        boolean constant = Modifier.isStatic(field.getModifiers())
                && Modifier.isFinal(field.getModifiers())
                && (field.getType().isPrimitive() || field.getType() == String.class);
        if (!constant) {
            return "";
        }
        try {
            field.setAccessible(true);
            return " = " + field.get(null).toString().replace("\r", "\\r").replace("\n", "\\n");
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field.toString(), e);
        }
    }

    private static String rest(Executable executable) {
        List<String> parameters = texts(executable.getAnnotatedParameterTypes());
        if (executable.isVarArgs()) {
            parameters = new ArrayList<>(parameters);
            parameters.add(parameters.remove(parameters.size() - 1).replaceFirst("\\[]$", "..."));
        }
        return "(" + String.join(", ", parameters) + ")"
                + list(" throws ", texts(executable.getAnnotatedExceptionTypes()));
    }

    private static String typeParameters(TypeVariable<?>[] variables) {
        if (variables.length == 0) {
            return "";
        }
        return Arrays.stream(variables)
                .map(variable -> variable.getName() + list(" extends ", bounds(variable.getAnnotatedBounds()), " & "))
                .collect(Collectors.joining(", ", "<", "> "));
    }

    private static List<String> bounds(AnnotatedType[] bounds) {
        return Arrays.stream(bounds)
                .map(ApiGuard::text)
                .filter(text -> !text.equals("Object"))
                .toList();
    }

    private static List<String> texts(AnnotatedType[] types) {
        return Arrays.stream(types).map(ApiGuard::text).toList();
    }

    private static String text(AnnotatedType type) {
        String nullness = Arrays.stream(type.getAnnotations())
                .map(annotation -> "@" + annotation.annotationType().getSimpleName() + " ")
                .sorted()
                .collect(Collectors.joining());
        if (type instanceof AnnotatedArrayType array) {
            return text(array.getAnnotatedGenericComponentType()) + (nullness.isEmpty() ? "" : " " + nullness) + "[]";
        }
        if (type instanceof AnnotatedParameterizedType parameterized) {
            return nullness + name(((ParameterizedType) type.getType()).getRawType())
                    + list("<", texts(parameterized.getAnnotatedActualTypeArguments())) + ">";
        }
        if (type instanceof AnnotatedWildcardType wildcard) {
            return nullness + "?" + list(" super ", texts(wildcard.getAnnotatedLowerBounds()))
                    + list(" extends ", bounds(wildcard.getAnnotatedUpperBounds()), " & ");
        }
        return nullness
                + (type instanceof AnnotatedTypeVariable ? type.getType().getTypeName() : name(type.getType()));
    }

    private static String name(Type type) {
        return ((Class<?>) type).getName().replaceFirst("^java\\.lang\\.(?=[A-Z])", "");
    }

    private static String list(String before, Collection<String> texts) {
        return list(before, texts, ", ");
    }

    private static String list(String before, Collection<String> texts, String between) {
        return texts.isEmpty() ? "" : before + String.join(between, texts);
    }
}
