package dev.postern.ldap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.unboundid.ldap.sdk.Filter;
import dev.postern.ldap.LdapServer.Transport;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits.Limit;
import dev.postern.spi.QuotaPlan;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.TestMessage;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Users in a directory. */
class LdapAuthenticatorTest {

    private static final ClientInfo CLIENT = TestMessage.clientAt("192.0.2.1");
    private static final String PEOPLE = "ou=people,dc=example,dc=org";
    private static final String PATTERN = "uid={user}," + PEOPLE;

    private static LdapServer server;

    @BeforeAll
    static void start() throws Exception {
        server = LdapServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void forget() {
        server.binds.clear();
        server.searches.clear();
    }

    static AuthResult login(Authenticator users, String user, String password) {
        try (Credentials credentials = new Credentials("PLAIN", user, password.getBytes(StandardCharsets.UTF_8))) {
            return users.authenticate(credentials, CLIENT);
        }
    }

    private static Identity identity(AuthResult result) {
        assertThat(result).isInstanceOf(AuthResult.Authenticated.class);
        return ((AuthResult.Authenticated) result).identity();
    }

    private static LdapAuthenticatorBuilder direct() {
        return LdapAuthenticator.builder(server.url()).plaintext().directBind(PATTERN);
    }

    /** Both ways to find a user. */
    static Stream<LdapAuthenticatorBuilder> ways() {
        return Stream.of(server.builder(), direct());
    }

    @ParameterizedTest
    @MethodSource("ways")
    void anIdentityIsWhatTheDirectorySays(LdapAuthenticatorBuilder way) {
        try (LdapAuthenticator users = way.account("o")
                .domains("associatedDomain")
                .groups("ou=groups,dc=example,dc=org", "member")
                .groupDomains("associatedDomain")
                .groupDomains("CN=Staff, ou=groups,dc=example,dc=org", "staff.example")
                .relayGroup("cn=sales,ou=groups,dc=example,dc=org")
                .limit(Limit.SESSIONS_PER_USER, "employeeNumber")
                .limit(Limit.QUOTA_PER_DAY, "roomNumber")
                .build()) {
            Identity ann = identity(login(users, "ANN", People.ANN));
            assertThat(List.of(ann.userAsGiven(), ann.accountAsGiven())).containsExactly("ann", "Acme");
            assertThat(ann.domains())
                    .containsExactlyInAnyOrder("ann.example", "example.org", "*.example.com", "staff.example");
            assertThat(ann.limits().sessionsPerUser()).hasValue(3);
            assertThat(ann.limits().quota()).contains(QuotaPlan.perDay(100));
            assertThat(ann.limits().messageSize()).isEmpty();
            Identity bob = identity(login(users, "bob", People.BOB));
            assertThat(bob.account()).isEqualTo("bob");
            assertThat(bob.domains()).containsExactlyInAnyOrder("x.example", "example.org", "*.example.com");
            assertThat(login(users, "carl", People.CARL)).isEqualTo(AuthResult.relayDisabled());
            assertThat(login(users, "carl", People.BOB)).isEqualTo(AuthResult.denied());
        }
    }

    /** Ann is of the staff, which is of the company, which is of the holding, which is of the staff. */
    @ParameterizedTest
    @MethodSource("ways")
    void groupsWithinGroupsCountWhereTheyAreAskedFor(LdapAuthenticatorBuilder way) {
        way.groups("ou=groups,dc=example,dc=org", "member").groupDomains("associatedDomain");
        try (LdapAuthenticator flat = way.build();
                LdapAuthenticator nested = way.nestedGroups()
                        .groupDomains("cn=holding,ou=groups,dc=example,dc=org", "named.example")
                        .build()) {
            assertThat(identity(login(flat, "ann", People.ANN)).domains())
                    .containsExactlyInAnyOrder("example.org", "*.example.com");
            assertThat(identity(login(nested, "ann", People.ANN)).domains())
                    .containsExactlyInAnyOrder(
                            "example.org", "*.example.com", "company.example", "holding.example", "named.example");
            assertThat(identity(login(nested, "bob", People.BOB)).domains())
                    .containsExactlyInAnyOrder("example.org", "*.example.com");
        }
    }

    @Test
    void aTowerOfGroupsIsNotClimbedWithoutEnd() throws Exception {
        try (LdapServer tower = LdapServer.start();
                LdapAuthenticator users = tower.builder()
                        .groups("ou=groups,dc=example,dc=org", "member")
                        .nestedGroups()
                        .build()) {
            String below = "uid=ann,ou=people,dc=example,dc=org";
            for (int level = 1; level <= 10; level++) {
                assertThat(login(users, "ann", People.ANN)).isInstanceOf(AuthResult.Authenticated.class);
                String group = "cn=level" + level + ",ou=groups,dc=example,dc=org";
                tower.add("dn: " + group, "objectClass: groupOfNames", "cn: level" + level, "member: " + below);
                below = group;
            }
            assertThat(login(users, "ann", People.ANN))
                    .isInstanceOfSatisfying(
                            AuthResult.Unavailable.class,
                            result -> assertThat(result.reason()).contains("more than 10 levels"));
        }
    }

    @Test
    void whoHasSeveralAddressesIsOneUser() {
        try (LdapAuthenticator users = server.builder().build()) {
            for (String name : List.of("ann", "ann@example.org", "A.Smith@EXAMPLE.org")) {
                assertThat(identity(login(users, name, People.ANN)).user()).isEqualTo("ann");
            }
        }
        try (LdapAuthenticator users = server.builder().users(PEOPLE, "mail").build()) {
            assertThat(login(users, "a.smith@example.org", People.ANN))
                    .isInstanceOfSatisfying(
                            AuthResult.Unavailable.class,
                            result -> assertThat(result.reason()).contains("several values of mail"));
            Identity bob = identity(login(users, "bob@example.net", People.BOB));
            assertThat(List.of(bob.user(), bob.account())).containsExactly("bob@example.net", "example.net");
            assertThat(bob.domains()).containsExactly("example.net");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "a*",
                "ann*",
                "*)(uid=*",
                "ann)(uid=*",
                "ann)(|(uid=*",
                "*)(|(objectClass=*",
                "ann)(&",
                "ann\\",
                "\\2a",
                "\\61nn",
                "#0403616e6e",
                "ann\0",
                "ann\0)(uid=*",
                "ann,ou=people",
                "ann,ou=people,dc=example,dc=org",
                "uid=ann",
                "uid=ann," + PEOPLE,
                "ann+cn=ann",
                "ann\\,cn=ann",
                "\"ann\"",
                "<ann>",
                "ann;",
                " ann",
                "ann ",
                "a nn",
                "\tann",
                "ann\n",
                "ann\r\n",
                "\uff41\uff4e\uff4e",
                "a\u00adnn",
                "ann\u200b",
                "{user}",
                "%s",
                "${user}",
                "\ud800",
            })
    void noNameIsMoreThanAName(String name) throws Exception {
        for (LdapAuthenticatorBuilder way : List.of(server.builder(), direct())) {
            try (LdapAuthenticator users = way.build()) {
                assertThat(login(users, name, People.ANN)).isEqualTo(AuthResult.denied());
                assertThat(identity(login(users, "ann", People.ANN)).user()).isEqualTo("ann");
            }
        }
        byte[] octets = name.getBytes(StandardCharsets.UTF_8);
        Filter asked = server.searches.get(0).filter();
        assertThat(names(asked)).anyMatch(each -> Arrays.equals(each.getAssertionValueBytes(), octets));
        assertThat(names(asked)).allMatch(each -> each.getFilterType() == Filter.FILTER_TYPE_EQUALITY);
    }

    /** The alternatives that are the name's. */
    private static List<Filter> names(Filter filter) {
        assertThat(filter.getFilterType()).isEqualTo(Filter.FILTER_TYPE_AND);
        assertThat(filter.getComponents()).hasSize(2);
        return List.of(filter.getComponents()[0].getComponents());
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theDirectoryIsNeverAskedWithoutAPassword(LdapAuthenticatorBuilder way) {
        try (LdapAuthenticator users = way.build()) {
            for (String name : List.of("ann", "nopass", "nobody", "")) {
                assertThat(login(users, name, "")).isEqualTo(AuthResult.denied());
            }
            assertThat(login(users, "", "x")).isEqualTo(AuthResult.denied());
            assertThat(server.binds).isEmpty();
            assertThat(server.searches).isEmpty();
            assertThat(login(users, "nopass", "\0")).isEqualTo(AuthResult.denied());
            assertThat(server.binds).hasSize(1);
        }
    }

    @Test
    void severalEntriesOfANameAreNobody() throws Exception {
        try (LdapAuthenticator users = server.builder().build()) {
            assertThat(login(users, "twin@example.org", People.OTHERS)).isEqualTo(AuthResult.denied());
            assertThat(server.binds).singleElement().asString().startsWith("cn=nobody-");
            assertThat(identity(login(users, "twin1", People.OTHERS)).user()).isEqualTo("twin1");
        }
        try (LdapAuthenticator users =
                server.builder().users(PEOPLE, "objectClass").name("uid").build()) { // 12 entries, one is asked for
            assertThat(login(users, "inetOrgPerson", People.OTHERS)).isEqualTo(AuthResult.denied());
        }
        try (LdapAuthenticator users = server.builder().filter("(uid=twin2)").build()) {
            assertThat(identity(login(users, "twin@example.org", People.OTHERS)).user())
                    .isEqualTo("twin2");
        }
    }

    @Test
    void anUnknownUserIsAskedForAsMuchAsAKnownOneAndNeverGetsIn() {
        try (LdapAuthenticator users =
                server.builder().decoy("uid=bob," + PEOPLE).build()) {
            assertThat(login(users, "nobody", People.BOB)).isEqualTo(AuthResult.denied());
            assertThat(login(users, "bob", People.BOB)).isEqualTo(AuthResult.denied());
            assertThat(server.binds).containsExactly("uid=bob," + PEOPLE, "uid=bob," + PEOPLE);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UID=Bob, OU=People, DC=example, DC=org",
                "uid=bob,ou=people,dc=example,dc=org",
                "uid=b\\6fb,ou=people,dc=example,dc=org"
            })
    void theDecoyNeverGetsInHoweverItIsWritten(String decoy) {
        try (LdapAuthenticator users = server.builder().decoy(decoy).build()) {
            assertThat(login(users, "bob", People.BOB)).isEqualTo(AuthResult.denied());
            identity(login(users, "ann", People.ANN));
        }
    }

    @Test
    void noSearchIsMadeWithTheRightsOfWhoeverLoggedIn() {
        try (LdapAuthenticator users = server.builder()
                .connections(1)
                .groups("ou=groups,dc=example,dc=org", "member")
                .build()) {
            for (int i = 0; i < 3; i++) {
                identity(login(users, "ann", People.ANN));
                assertThat(login(users, "ann", "wrong")).isEqualTo(AuthResult.denied());
                identity(login(users, "bob", People.BOB));
            }
            assertThat(server.searches)
                    .hasSize(15)
                    .allMatch(search -> search.as().equals(LdapServer.SERVICE));
        }
    }

    @Test
    void theUserReadsHisOwnEntryOnHisOwnConnection() {
        try (LdapAuthenticator users = direct().connections(1).build()) {
            identity(login(users, "ann", People.ANN));
            assertThat(login(users, "ann", "wrong")).isEqualTo(AuthResult.denied());
            identity(login(users, "bob", People.BOB));
            assertThat(server.searches)
                    .extracting(LdapServer.Search::as)
                    .containsExactly("uid=ann," + PEOPLE, "uid=bob," + PEOPLE);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "num, employeeNumber",
        "zero, 1 or more",
        "dom, not a domain",
        "two, several values of o",
        "busy, come back later",
    })
    void whatMakesNoIdentityLetsNobodyIn(String user, String reason) {
        Function<LdapAuthenticatorBuilder, LdapAuthenticator> configured = way -> way.account("o")
                .domains("associatedDomain")
                .limit(Limit.MESSAGE_SIZE, "employeeNumber")
                .build();
        try (LdapAuthenticator users = configured.apply(direct())) {
            assertThat(login(users, user, People.OTHERS))
                    .isInstanceOfSatisfying(
                            AuthResult.Unavailable.class,
                            result -> assertThat(result.reason()).contains(reason));
            assertThat(login(users, user, user.equals("busy") ? "" : "wrong")).isEqualTo(AuthResult.denied());
        }
    }

    @Test
    void referralsAreNotFollowed() throws Exception {
        try (LdapServer other = LdapServer.start();
                LdapServer referring = LdapServer.start()) {
            referring.add(
                    "dn: ou=elsewhere,dc=example,dc=org",
                    "objectClass: referral",
                    "objectClass: extensibleObject",
                    "ou: elsewhere",
                    "ref: ldap://127.0.0.1:" + other.port() + "/" + PEOPLE);
            try (LdapAuthenticator users = LdapAuthenticator.builder(referring.url())
                            .plaintext()
                            .directBind("uid={user},ou=elsewhere,dc=example,dc=org")
                            .build();
                    LdapAuthenticator searching = referring
                            .builder()
                            .users("ou=elsewhere,dc=example,dc=org", "uid")
                            .build();
                    LdapAuthenticator above = referring
                            .builder()
                            .users("dc=example,dc=org", "uid")
                            .build()) {
                assertThat(login(users, "ann", People.ANN)).isNotInstanceOf(AuthResult.Authenticated.class);
                assertThat(login(searching, "ann", People.ANN)).isInstanceOf(AuthResult.Unavailable.class);
                assertThat(identity(login(above, "ann", People.ANN)).user()).isEqualTo("ann");
            }
            assertThat(other.binds).isEmpty();
            assertThat(other.searches).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDirectoryThatIsAwayComesBack(boolean searching) throws Exception {
        LdapServer first = LdapServer.start();
        int port = first.port();
        try (LdapAuthenticator users = searching
                ? first.builder().build()
                : LdapAuthenticator.builder(first.url())
                        .plaintext()
                        .directBind(PATTERN)
                        .build()) {
            identity(login(users, "ann", People.ANN));
            first.hangUp();
            identity(login(users, "ann", People.ANN)); // idle connections that were closed are nobody's trouble
            first.close();
            for (String password : List.of(People.ANN, "wrong")) {
                assertThat(login(users, "ann", password)).isInstanceOf(AuthResult.Unavailable.class);
            }
            try (LdapServer second = LdapServer.at(port)) {
                identity(login(users, "ann", People.ANN));
                assertThat(login(users, "ann", "wrong")).isEqualTo(AuthResult.denied());
                assertThat(second.binds).hasSize(2);
            }
        }
    }

    @Test
    void asksTheSecondWhereTheFirstIsAway() {
        try (LdapAuthenticator users = LdapAuthenticator.builder("ldap://127.0.0.1:1", server.url())
                .plaintext()
                .directBind(PATTERN)
                .build()) {
            identity(login(users, "ann", People.ANN));
        }
    }

    @Test
    void aWrongPasswordOfTheServiceAccountDeniesNobody() {
        try (LdapAuthenticator users =
                server.builder().searchAs(LdapServer.SERVICE, "wrong").build()) {
            assertThat(login(users, "ann", People.ANN)).isInstanceOf(AuthResult.Unavailable.class);
        }
        try (LdapAuthenticator users = LdapAuthenticator.builder(server.url())
                .plaintext()
                .users(PEOPLE, "uid")
                .build()) { // who may not search
            assertThat(login(users, "ann", People.ANN)).isInstanceOf(AuthResult.Unavailable.class);
        }
    }

    /** The kernel takes connections to it, and nobody answers on them. */
    @ParameterizedTest
    @EnumSource(Transport.class)
    void aDirectoryThatSaysNothingIsGivenUp(Transport transport) throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            String scheme = transport == Transport.LDAPS ? "ldaps" : "ldap";
            LdapAuthenticatorBuilder builder = LdapAuthenticator.builder(
                            scheme + "://127.0.0.1:" + silent.getLocalPort())
                    .users(PEOPLE, "uid")
                    .timeout(Duration.ofMillis(100));
            try (LdapAuthenticator users = over(transport, builder).build()) {
                assertThat(login(users, "ann", People.ANN)).isInstanceOf(AuthResult.Unavailable.class);
            }
        }
    }

    @Test
    void aDirectoryThatAgreesToTlsAndSaysNothingMoreIsGivenUp() throws Exception {
        byte[] agrees =
                HexFormat.of().parseHex("300c02010178070a010004000400"); // LDAPMessage 1, ExtendedResponse, success
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                LdapAuthenticator users = LdapAuthenticator.builder("ldap://127.0.0.1:" + silent.getLocalPort())
                        .startTls()
                        .tls(TestCertificates.clientContext())
                        .users(PEOPLE, "uid")
                        .timeout(Duration.ofMillis(500))
                        .build()) {
            CompletableFuture<AuthResult> result = CompletableFuture.supplyAsync(() -> login(users, "ann", People.ANN));
            try (Socket client = silent.accept()) {
                assertThat(client.getInputStream().read()).isEqualTo(0x30);
                client.getOutputStream().write(agrees);
                assertThat(result.get(30, TimeUnit.SECONDS)).isInstanceOf(AuthResult.Unavailable.class);
            }
        }
    }

    private static LdapAuthenticatorBuilder over(Transport transport, LdapAuthenticatorBuilder builder) {
        return switch (transport) {
            case PLAIN -> builder.plaintext();
            case STARTTLS -> builder.startTls().tls(TestCertificates.clientContext());
            case LDAPS -> builder.tls(TestCertificates.clientContext());
        };
    }

    static Stream<Arguments> transports() {
        return Stream.of(Transport.STARTTLS, Transport.LDAPS)
                .flatMap(transport -> Stream.of(
                        Arguments.of(transport, TestCertificates.serverContext(), true),
                        Arguments.of(transport, TestCertificates.wrongNameServerContext(), false),
                        Arguments.of(transport, TestCertificates.untrustedServerContext(), false)));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void onlyTheRightCertificateIsShownAPassword(Transport transport, SSLContext tls, boolean right) throws Exception {
        try (LdapServer directory = LdapServer.start(transport, tls);
                LdapAuthenticator users = over(
                                transport,
                                LdapAuthenticator.builder(directory.url())
                                        .users(PEOPLE, "uid")
                                        .searchAs(LdapServer.SERVICE, LdapServer.SERVICE_PASSWORD))
                        .build()) {
            AuthResult result = login(users, "ann", People.ANN);
            if (right) {
                assertThat(identity(result).user()).isEqualTo("ann");
            } else {
                assertThat(result).isInstanceOf(AuthResult.Unavailable.class);
                assertThat(directory.binds).isEmpty();
                assertThat(directory.searches).isEmpty();
            }
        }
    }

    @Test
    void aDirectoryWithoutStartTlsIsShownNothing() {
        try (LdapAuthenticator users = LdapAuthenticator.builder(server.url())
                .startTls()
                .tls(TestCertificates.clientContext())
                .directBind(PATTERN)
                .build()) {
            assertThat(login(users, "ann", People.ANN)).isInstanceOf(AuthResult.Unavailable.class);
            assertThat(server.binds).isEmpty();
        }
    }

    static Stream<Arguments> wrongSettings() {
        return Stream.of(
                wrong("attributes", b -> b.users(PEOPLE)),
                wrong("attributes", b -> b.users(PEOPLE, "uid=*)(a")),
                wrong("baseDn", b -> b.users("people", "uid")),
                wrong("baseDn", b -> b.users("", "uid")),
                wrong("password", b -> b.searchAs("cn=a", "")),
                wrong("dn", b -> b.searchAs("a", "b")),
                wrong("dn", b -> b.searchAs("", "b")),
                wrong("filter", b -> b.filter("uid=(")),
                wrong("dn", b -> b.decoy("nobody")),
                wrong("pattern", b -> b.directBind("{user}@example.org")),
                wrong("pattern", b -> b.directBind("uid=a{user},dc=org")),
                wrong("pattern", b -> b.directBind("dc=org")),
                wrong("pattern", b -> b.directBind("uid={user}")),
                wrong("pattern", b -> b.directBind("uid={user}+cn=a,dc=org")),
                wrong("attribute", b -> b.name("")),
                wrong("attribute", b -> b.account("a b")),
                wrong("attribute", b -> b.limit(Limit.MESSAGE_SIZE, "*")),
                wrong("groupDn", b -> b.groupDomains("x", "example.org")),
                wrong("domains", b -> b.groupDomains("cn=x", "not a domain")),
                wrong("groupDn", b -> b.relayGroup("x")),
                wrong("max", b -> b.connections(0)),
                wrong("limit", b -> b.timeout(Duration.ZERO)));
    }

    private static Arguments wrong(String parameter, UnaryOperator<LdapAuthenticatorBuilder> call) {
        return Arguments.of(parameter, call);
    }

    @ParameterizedTest
    @MethodSource("wrongSettings")
    void aWrongValueFailsAtItsCall(String parameter, UnaryOperator<LdapAuthenticatorBuilder> call) {
        assertThatThrownBy(() -> call.apply(LdapAuthenticator.builder("ldap://localhost")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(parameter);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "http://localhost",
                "ldap://",
                "ldap://user@localhost",
                "ldap://localhost/dc=org",
                "ldap://localhost?x",
                "ldap:localhost",
                "ldapi:///tmp/x",
                "ldap://a b"
            })
    void whatIsNoUrlFailsAtOnce(String url) {
        assertThatThrownBy(() -> LdapAuthenticator.builder(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("url");
    }

    static Stream<Arguments> contradictions() {
        return Stream.of(
                wrong("users or directBind", b -> b.plaintext()),
                wrong(
                        "users or directBind",
                        b -> b.plaintext().users(PEOPLE, "uid").directBind(PATTERN)),
                wrong("searchAs", b -> b.plaintext().directBind(PATTERN).searchAs("cn=a", "b")),
                wrong("filter", b -> b.plaintext().directBind(PATTERN).filter("(a=b)")),
                wrong("decoy", b -> b.plaintext().directBind(PATTERN).decoy("cn=a")),
                wrong("startTls or plaintext", b -> b.directBind(PATTERN)),
                wrong(
                        "startTls or plaintext",
                        b -> b.directBind(PATTERN).startTls().plaintext()),
                wrong("tls", b -> b.directBind(PATTERN).plaintext().tls(TestCertificates.clientContext())),
                wrong("groupDomains", b -> b.plaintext().directBind(PATTERN).groupDomains("o")),
                wrong("nestedGroups", b -> b.plaintext().directBind(PATTERN).nestedGroups()),
                wrong("relayGroup", b -> b.plaintext().directBind(PATTERN).relayGroup("cn=a")),
                wrong("one quota", b -> b.limit(Limit.QUOTA_PER_DAY, "a").limit(Limit.QUOTA_PER_MONTH, "b")));
    }

    @ParameterizedTest
    @MethodSource("contradictions")
    void whatDoesNotGoTogetherFails(String what, UnaryOperator<LdapAuthenticatorBuilder> calls) {
        assertThatThrownBy(() -> calls.apply(LdapAuthenticator.builder("ldap://localhost"))
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(what);
        assertThatThrownBy(() -> LdapAuthenticator.builder("ldap://a", "ldaps://b"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LdapAuthenticator.builder("ldaps://a").startTls())
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> LdapAuthenticator.builder("ldaps://a").plaintext())
                .isInstanceOf(IllegalStateException.class);
    }
}
