package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.testkit.Access;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether the runs of the tests differ as the build says. */
class ServerTlsTest {

    private static final String PROVIDER = System.getProperty("postern.tls", "SunJSSE");

    @ParameterizedTest
    @EnumSource(names = {"STARTTLS", "IMPLICIT_TLS"})
    void clientsTlsIsThatOfTheProvider(Access access) {
        assertThat(ServerTls.context().getProvider().getName()).isEqualTo(PROVIDER);
        try (Scene scene = Scene.open()) {
            Scene.send(scene.alice(access));
            assertThat(scene.upstream.awaitMessage().contentText()).contains("How are you?");
        }
    }
}
