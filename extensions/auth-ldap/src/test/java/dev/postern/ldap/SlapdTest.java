package dev.postern.ldap;

import static dev.postern.ldap.LdapAuthenticatorTest.login;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.AuthResult;
import dev.postern.spi.Identity;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same against a directory that is not the SDK's: OpenLDAP's. */
@Needs(Tool.SLAPD)
class SlapdTest {

    private static final String PEOPLE = "ou=people,dc=example,dc=org";

    @TempDir
    private static Path folder;

    private static Slapd slapd;

    @BeforeAll
    static void start() throws Exception {
        slapd = Slapd.start(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        slapd.close();
    }

    private static LdapAuthenticatorBuilder search() {
        return LdapAuthenticator.builder(slapd.url())
                .startTls()
                .tls(slapd.trust())
                .users(PEOPLE, "uid", "mail")
                .searchAs(Slapd.SERVICE, LdapServer.SERVICE_PASSWORD);
    }

    private static LdapAuthenticatorBuilder direct() {
        return LdapAuthenticator.builder(slapd.tlsUrl()).tls(slapd.trust()).directBind("uid={user}," + PEOPLE);
    }

    @Test
    void letsInWhomItKnowsByStartTlsAndByLdaps() {
        for (LdapAuthenticatorBuilder way : List.of(search(), direct())) {
            try (LdapAuthenticator users = way.groups("ou=groups,dc=example,dc=org", "member")
                    .groupDomains("associatedDomain")
                    .account("o")
                    .build()) {
                AuthResult result = login(users, "ANN", People.ANN);
                assertThat(result).isInstanceOf(AuthResult.Authenticated.class);
                Identity ann = ((AuthResult.Authenticated) result).identity();
                assertThat(List.of(ann.userAsGiven(), ann.accountAsGiven())).containsExactly("ann", "Acme");
                assertThat(ann.domains()).containsExactlyInAnyOrder("example.org", "*.example.com");
                for (String name : List.of(
                        "*",
                        "ann*",
                        "*)(uid=*",
                        "ann)(|(uid=*",
                        "\\61nn",
                        "ann,ou=people",
                        "ann+cn=ann",
                        "ann ",
                        " ann",
                        "\uff41\uff4e\uff4e",
                        "ann\0",
                        "a\u00adnn",
                        "nopass",
                        "twin@example.org",
                        "nobody")) {
                    assertThat(login(users, name, People.ANN)).as(name).isEqualTo(AuthResult.denied());
                    assertThat(login(users, name, People.OTHERS)).as(name).isEqualTo(AuthResult.denied());
                }
            }
        }
    }

    @Test
    void groupsWithinGroupsAreFound() {
        for (LdapAuthenticatorBuilder way : List.of(search(), direct())) {
            try (LdapAuthenticator users = way.groups("ou=groups,dc=example,dc=org", "member")
                    .nestedGroups()
                    .groupDomains("associatedDomain")
                    .build()) {
                Identity ann = ((AuthResult.Authenticated) login(users, "ann", People.ANN)).identity();
                assertThat(ann.domains())
                        .containsExactlyInAnyOrder(
                                "example.org", "*.example.com", "company.example", "holding.example");
            }
        }
    }

    @Test
    void anEmptyPasswordIsNeverShownToIt() {
        try (LdapAuthenticator users = search().build()) {
            int before = slapd.log.size();
            assertThat(login(users, "ann", "")).isEqualTo(AuthResult.denied());
            assertThat(login(users, "ann", People.ANN)).isInstanceOf(AuthResult.Authenticated.class);
            List<String> said = slapd.log.subList(before, slapd.log.size());
            assertThat(said.stream().filter(line -> line.contains("BIND dn=\"uid=ann," + PEOPLE + "\" method=128")))
                    .hasSizeLessThanOrEqualTo(1);
        }
    }

    @Test
    void comesBackAfterItHungAndAfterItWasKilled() throws Exception {
        try (LdapAuthenticator users =
                search().connections(2).timeout(Duration.ofSeconds(2)).build()) {
            assertThat(login(users, "ann", People.ANN)).isInstanceOf(AuthResult.Authenticated.class);
            slapd.signal("STOP");
            assertThat(login(users, "ann", People.ANN)).isInstanceOf(AuthResult.Unavailable.class);
            assertThat(login(users, "bob", "wrong")).isInstanceOf(AuthResult.Unavailable.class);
            slapd.signal("CONT"); // now it answers what nobody waits for any more
            assertThat(login(users, "bob", "wrong")).isEqualTo(AuthResult.denied());
            assertThat(login(users, "ann", People.ANN)).isInstanceOf(AuthResult.Authenticated.class);
            slapd.close();
            assertThat(login(users, "ann", People.ANN)).isInstanceOf(AuthResult.Unavailable.class);
            slapd.restart();
            assertThat(login(users, "ann", People.ANN)).isInstanceOf(AuthResult.Authenticated.class);
        }
    }
}
