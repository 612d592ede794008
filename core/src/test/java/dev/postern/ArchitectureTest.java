package dev.postern;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.members;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Reply;
import dev.postern.testkit.RelayExtension;
import dev.postern.tools.OnAnyJdk;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rules R3 to R7 of docs/architecture.md. ArchUnit fails a rule that matches no class; where a rule forbids something,
 * {@link #somethingIsThere} shows that what it looks for can be found at all.
 */
@OnAnyJdk
class ArchitectureTest {

    private static final String INTERNAL = "dev.postern.internal.";
    private static final String SETTINGS = "dev.postern.settings";
    private static final List<String> STAGES = List.of("admission", "auth", "envelope", "content", "quota", "upstream");

    private static final JavaClasses WITH_TESTKIT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.postern");

    private static final JavaClasses TESTKIT = WITH_TESTKIT.that(describe("testkit", ArchitectureTest::isOfTestkit));

    private static final JavaClasses ALL = WITH_TESTKIT.that(describe("all", c -> !isOfTestkit(c)));

    private static final JavaClasses CORE =
            ALL.that(describe("core", c -> !c.getPackageName().equals("dev.postern.spi")));

    private static boolean isOfTestkit(JavaClass one) {
        return one.getSource().orElseThrow().getUri().toString().contains("/testkit/target/");
    }

    @Test
    void somethingIsThere() {
        assertThat(ALL.contain(SmtpRelay.class)).isTrue();
        assertThat(ALL.contain(Reply.class)).isTrue();
        assertThat(CORE.contain(SmtpRelay.class)).isTrue();
        assertThat(CORE.contain(Reply.class)).isFalse();
        assertThat(CORE.contain(ArchitectureTest.class)).isFalse();
        for (String stage : STAGES) {
            assertThat(packageOf(stage)).as(stage).isNotEmpty();
        }
        Stream.of("org.subethamail", "jakarta.mail", "org.apache.tika", "com.github.benmanes", "com.ongres")
                .forEach(library -> assertThat(CORE)
                        .as("classes that use " + library)
                        .anyMatch(c -> c.getDirectDependenciesFromSelf().stream()
                                .anyMatch(d -> d.getTargetClass().getName().startsWith(library))));
    }

    // R3

    @Test
    void publicSignaturesShowOnlyTheJdkAndOurselves() {
        ArchRule rule = members()
                .that()
                .areDeclaredInClassesThat(describe("are public in dev.postern", ArchitectureTest::isApi))
                .and(describe(
                        "are public or protected",
                        (JavaMember m) -> m.getModifiers().contains(JavaModifier.PUBLIC)
                                || m.getModifiers().contains(JavaModifier.PROTECTED)))
                .should(
                        new ArchCondition<JavaMember>(
                                "show only java.., javax.net.., dev.postern, dev.postern.settings and dev.postern.spi") {
                            @Override
                            public void check(JavaMember member, ConditionEvents events) {
                                shown(member)
                                        .filter(type -> !mayBeShown(type))
                                        .forEach(type -> events.add(SimpleConditionEvent.violated(
                                                member, member.getFullName() + " shows " + type.getName())));
                            }
                        })
                .because("R3: a library in a public signature could never be replaced");
        rule.check(CORE);
        assertThat(CORE.stream().filter(ArchitectureTest::isApi).map(JavaClass::getSimpleName))
                .contains("SmtpRelay", "SmtpRelayBuilder", "Upstream", "RelayStartException", "SessionLimits");
    }

    private static boolean isApi(JavaClass c) {
        return Set.of("dev.postern", SETTINGS).contains(c.getPackageName())
                && c.getModifiers().contains(JavaModifier.PUBLIC)
                && c.getEnclosingClass().map(ArchitectureTest::isApi).orElse(true);
    }

    private static Stream<JavaClass> shown(JavaMember member) {
        Stream<JavaType> types = member instanceof JavaField field
                ? Stream.of(field.getType())
                : Stream.concat(
                        Stream.of(((JavaCodeUnit) member).getReturnType()),
                        Stream.concat(
                                ((JavaCodeUnit) member).getParameterTypes().stream(),
                                ((JavaCodeUnit) member).getExceptionTypes().stream()));
        return types.flatMap(type -> type.getAllInvolvedRawTypes().stream());
    }

    private static boolean mayBeShown(JavaClass type) {
        String home = type.getBaseComponentType().getPackageName();
        return type.getBaseComponentType().isPrimitive()
                || home.equals("java.lang")
                || home.startsWith("java.")
                || home.startsWith("javax.net")
                || home.equals("dev.postern")
                || home.equals(SETTINGS)
                || home.equals("dev.postern.spi");
    }

    // R4

    @ParameterizedTest
    @CsvSource({
        "org.subethamail.., connection.subetha, ''",
        "jakarta.mail.., content, ''",
        "org.apache.tika.., content, ''",
        "com.github.benmanes.., auth, quota",
        "com.ongres.., auth, ''",
    })
    void aLibraryIsUsedOnlyWhereItBelongs(String library, String home, String others) {
        String[] homes = Stream.concat(Stream.of(home), Arrays.stream(others.split(",", -1)))
                .filter(name -> !name.isEmpty())
                .map(name -> INTERNAL + name + "..")
                .toArray(String[]::new);
        noClasses()
                .that(DescribedPredicate.not(resideInAnyPackage(homes)))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .because("R4: a library that is used in one place can be replaced in one place")
                .check(ALL);
        classes()
                .that()
                .resideInAPackage("dev.postern.spi")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "javax.crypto..", "dev.postern.spi", "org.jspecify..")
                .because("R1: hosts get spi without any library")
                .check(ALL);
    }

    // R5

    @ParameterizedTest
    @ValueSource(strings = {"admission", "auth", "envelope", "content", "quota", "upstream"})
    void aStageSeesOnlyWhatIsBelowIt(String stage) {
        onlyDependsOn(stage, "reply", "plugin", "time", "octets")
                .because(
                        "R5: stages never see each other, nor who calls them; below them are reply, plugin, time, octets"
                                + " and spi")
                .check(CORE);
    }

    @Test
    void settingsSeeSpiAlone() {
        DescribedPredicate<JavaClass> ours = resideInAPackage("dev.postern..")
                .and(DescribedPredicate.not(resideInAnyPackage("dev.postern.spi", SETTINGS)))
                .as("are ours and neither settings nor spi");
        noClasses()
                .that()
                .resideInAPackage(SETTINGS)
                .should()
                .dependOnClassesThat(ours)
                .because("R5: the settings are below everything that obeys them")
                .check(CORE);
    }

    @Test
    void whatIsBelowTheStagesSeesNothingOfThem() {
        onlyDependsOn("plugin", "reply")
                .because("R5: plugin is below the stages")
                .check(CORE);
        onlyDependsOn("reply").because("R5: reply is below everything").check(CORE);
        onlyDependsOn("time").because("R5: time is below everything").check(CORE);
        onlyDependsOn("octets").because("R5: octets is below everything").check(CORE);
    }

    @Test
    void sessionSeesStagesAndNeitherConnectionNorRoot() {
        onlyDependsOn(
                        "session",
                        "admission",
                        "auth",
                        "envelope",
                        "content",
                        "quota",
                        "upstream",
                        "reply",
                        "plugin",
                        "time",
                        "octets")
                .because("R5: a session is free of sockets and can be tested without them")
                .check(CORE);
    }

    @Test
    void connectionSeesSessionAndNoStage() {
        onlyDependsOn("connection", "connection.subetha", "session", "reply", "time", "octets")
                .because("R5: the way of a message is the session's matter")
                .check(CORE);
        onlyDependsOn("connection.subetha")
                .because("R5: SubEthaSMTP accepts connections, and has to do with nothing else")
                .check(CORE);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.postern.(**)")
                .should()
                .beFreeOfCycles()
                .because("R5: packages in a cycle are one package")
                .check(CORE);
        noClasses()
                .that()
                .resideInAPackage("dev.postern.internal..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.postern")
                .because("R5: the root composes the stages, so none of them may know it")
                .check(CORE);
    }

    @Test
    void packagesOfTheTestkitHaveNoCycles() {
        assertThat(TESTKIT.contain(RelayExtension.class)).isTrue();
        slices().assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass one) {
                        return SliceIdentifier.of(one.getPackageName());
                    }

                    @Override
                    public String getDescription() {
                        return "packages of the testkit";
                    }
                })
                .should()
                .beFreeOfCycles()
                .because("R5: packages in a cycle are one package")
                .check(TESTKIT);
    }

    @ParameterizedTest
    @CsvSource({
        "admission, SessionGate",
        "auth, AuthGate",
        "envelope, EnvelopeGate",
        "content, ContentGate",
        "quota, QuotaGate",
        "upstream, UpstreamPool",
        "connection, SmtpListener",
        "connection.subetha, Acceptor",
    })
    void aStageHasOneDoor(String stage, String door) {
        assertThat(publicTypes(stage))
                .as("R5: the public top-level types of " + stage)
                .containsExactly(door);
    }

    @Test
    void sessionShowsWhatConnectsAndWhatIsPutTogether() {
        assertThat(publicTypes("session"))
                .containsExactlyInAnyOrder(
                        "Session", "Client", "Line", "SessionContext", "Submitter", "Capabilities", "Revocation");
    }

    /** Within a stage, packages are in order too: {@link #packagesHaveNoCycles} takes each of them for one of its own. */
    @ParameterizedTest
    @ValueSource(strings = {"admission", "auth", "envelope", "content", "quota", "upstream", "connection", "session"})
    void thePackagesBelowAStageAreItsOwn(String stage) {
        noClasses()
                .that()
                .resideOutsideOfPackage(INTERNAL + stage + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(INTERNAL + stage + ".*..")
                .because("R5: what a stage divides into packages is public to them alone; its door is above them")
                .check(CORE);
    }

    @Test
    void contentIsDividedInOrder() {
        Map.of(
                        "wire",
                        List.of(),
                        "store",
                        List.of("wire"),
                        "header",
                        List.of("wire"),
                        "mime",
                        List.of("wire", "header"))
                .forEach((part, below) -> {
                    String[] allowed = Stream.concat(Stream.of(part), below.stream())
                            .map(name -> INTERNAL + "content." + name)
                            .toArray(String[]::new);
                    noClasses()
                            .that()
                            .resideInAPackage(INTERNAL + "content." + part)
                            .should()
                            .dependOnClassesThat(resideInAPackage(INTERNAL + "content..")
                                    .and(DescribedPredicate.not(resideInAnyPackage(allowed))))
                            .because("R5: what is below another part of a stage never sees it")
                            .check(CORE);
                });
    }

    // R6

    @Test
    void repliesAreBuiltInOnePlace() {
        DescribedPredicate<JavaAccess<?>> building = describe(
                "build a reply",
                access -> access.getTargetOwner().isEquivalentTo(Reply.class)
                        && (Set.of("of", "withoutStatus").contains(access.getName())
                                || access.getName().equals("fromUpstream")
                                        && !access.getOriginOwner()
                                                .getPackageName()
                                                .equals(INTERNAL + "upstream.client")));
        assertThat(packageOf("reply"))
                .as("the place where replies are built")
                .anyMatch(c -> c.getAccessesFromSelf().stream().anyMatch(building));
        noClasses()
                .that(DescribedPredicate.not(resideInAnyPackage("dev.postern.spi", INTERNAL + "reply")))
                .should()
                .accessTargetWhere(building)
                .because("R6: every reply leaves by the catalogue, so that no literal reply is anywhere else")
                .check(ALL);
    }

    /** Asking for an address's name asks DNS, in the middle of a session and for as long as it likes. */
    @Test
    void nobodysNameIsLookedUpByAddress() {
        DescribedPredicate<JavaAccess<?>> lookups = describe("look up a name", access -> {
            JavaClass owner = access.getTargetOwner();
            boolean address = owner.isAssignableTo(InetAddress.class) || owner.isEquivalentTo(InetSocketAddress.class);
            return address && Set.of("getHostName", "getCanonicalHostName").contains(access.getName());
        });
        String asksForThisMachine = SmtpRelayBuilder.class.getName();
        assertThat(ALL.get(asksForThisMachine).getAccessesFromSelf())
                .as("the rule finds the one class that may")
                .anyMatch(lookups);
        noClasses()
                .that(DescribedPredicate.not(
                        describe("ask for this machine's name", c -> c.getName().equals(asksForThisMachine))))
                .should()
                .accessTargetWhere(lookups)
                .check(ALL);
    }

    // R7

    @Test
    void timeComesFromTheRelaysClock() {
        List<Class<?>> calendars = List.of(
                Instant.class,
                LocalDate.class,
                LocalTime.class,
                LocalDateTime.class,
                OffsetDateTime.class,
                ZonedDateTime.class);
        DescribedPredicate<JavaAccess<?>> real = describe("ask for the real time", access -> {
            JavaClass owner = access.getTargetOwner();
            String name = access.getName();
            return name.equals("now") && calendars.stream().anyMatch(owner::isEquivalentTo)
                    || owner.isEquivalentTo(Clock.class) && name.startsWith("system")
                    || owner.isEquivalentTo(System.class)
                            && Set.of("nanoTime", "currentTimeMillis").contains(name)
                    || owner.isEquivalentTo(Thread.class) && name.equals("sleep")
                    || owner.isEquivalentTo(java.util.Date.class) && name.equals("<init>")
                    || owner.getName().equals("java.util.concurrent.TimeUnit") && name.equals("sleep");
        });
        assertThat(ALL.get("dev.postern.spi.SystemRelayClock").getAccessesFromSelf())
                .as("the rule finds the one class that may")
                .anyMatch(real);
        noClasses()
                .that(DescribedPredicate.not(
                        describe("are the system clock", c -> c.getName().equals("dev.postern.spi.SystemRelayClock"))))
                .should()
                .accessTargetWhere(real)
                .because(
                        "R7: a test moves " + RelayClock.class.getSimpleName() + ", and nothing else may tell the time")
                .check(ALL);
    }

    @Test
    void nothingIsPrinted() {
        noClasses()
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould(callMethodWhere(
                        target(describe("printStackTrace", t -> t.getName().equals("printStackTrace")))))
                .because("R7: what there is to say goes to slf4j")
                .check(ALL);
    }

    private static ArchRule onlyDependsOn(String from, String... below) {
        String[] allowed = Stream.concat(
                        Stream.of("dev.postern.spi", SETTINGS, INTERNAL + from + ".."),
                        Arrays.stream(below).map(name -> INTERNAL + name + ".."))
                .toArray(String[]::new);
        DescribedPredicate<JavaClass> above = resideInAPackage("dev.postern..")
                .and(DescribedPredicate.not(resideInAnyPackage(allowed)))
                .as("are ours and not below " + from);
        return noClasses()
                .that()
                .resideInAPackage(INTERNAL + from + "..")
                .should()
                .dependOnClassesThat(above);
    }

    private static Set<JavaClass> packageOf(String stage) {
        return CORE.stream()
                .filter(c -> c.getPackageName().equals(INTERNAL + stage))
                .collect(Collectors.toSet());
    }

    private static List<String> publicTypes(String stage) {
        return packageOf(stage).stream()
                .filter(c -> c.isTopLevelClass() && c.getModifiers().contains(JavaModifier.PUBLIC))
                .map(JavaClass::getSimpleName)
                .toList();
    }
}
