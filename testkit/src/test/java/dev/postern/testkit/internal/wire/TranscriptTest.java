package dev.postern.testkit.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnAnyJdk
class TranscriptTest {

    private final Transcript transcript = new Transcript();

    @ParameterizedTest
    @CsvSource({
        "AUTH PLAIN AGFsaWNlAHNlY3JldA==, AUTH PLAIN ***",
        "auth plain AGFsaWNlAHNlY3JldA==, auth plain ***",
        "AUTH LOGIN, AUTH LOGIN",
        "AUTH, AUTH",
        "AUTH  PLAIN  secret, AUTH  PLAIN ***",
        "AUTH AGFsaWNlAHNlY3JldHNlY3JldHNlY3JldA==, AUTH AGFsaWNlAHNlY3JldHNl ***",
        "NOOP AUTH PLAIN, NOOP AUTH PLAIN"
    })
    void masksWhatFollowsTheMechanism(String line, String shown) {
        transcript.client(Octets.of(line + "\r\n"));

        assertThat(transcript.text()).isEqualTo("C: " + shown + "\n");
    }

    @Test
    void masksAnswersToChallengesUntilTheExchangeEnds() {
        client("AUTH LOGIN\r\n");
        server("334 VXNlcm5hbWU6\r\n");
        client("YWxpY2U=\r\n");
        server("334 UGFzc3dvcmQ6\r\n");
        client("c2VjcmV0\r\n");
        server("235 2.7.0 Authentication succeeded\r\n");
        client("NOOP\r\n");

        assertThat(transcript.text()).isEqualTo("""
                        C: AUTH LOGIN
                        S: 334 VXNlcm5hbWU6
                        C: ***
                        S: 334 UGFzc3dvcmQ6
                        C: ***
                        S: 235 2.7.0 Authentication succeeded
                        C: NOOP
                        """);
    }

    @Test
    void masksAnswersThatDoNotWaitForTheirChallenge() {
        client("EHLO x\r\nAUTH LOGIN\r\nYWxpY2U=\r\n");
        server("250 host\r\n");
        client("c2VjcmV0\r\n");

        assertThat(transcript.text())
                .isEqualTo("C: EHLO x\nC: AUTH LOGIN\nC: ***\nS: 250 host\nC: ***\n")
                .doesNotContain("YWxpY2U=", "c2VjcmV0");
    }

    @Test
    void masksLinesThatComeInPiecesOrDoNotEnd() {
        client("AUTH PL");
        client("AIN AGFs");

        assertThat(transcript.text()).isEqualTo("C: AUTH PLAIN *** (no line end)\n");
    }

    @Test
    void showsACancelledExchange() {
        client("AUTH LOGIN\r\n*\r\n");

        assertThat(transcript.text()).isEqualTo("C: AUTH LOGIN\nC: *\n");
    }

    @Test
    void escapesWhatCannotBeRead() {
        client("a\\\0\t\u00e9\n");

        assertThat(transcript.text()).isEqualTo("C: a\\\\\\x00\\t\\xc3\\xa9\\n\n");
    }

    @Test
    void cutsALineThatGoesOnForEver() {
        client("x".repeat(500));
        client("y".repeat(100_000));
        assertThat(transcript.text())
                .isEqualTo("C: " + "x".repeat(500) + "y".repeat(12) + "... (100500 octets) (no line end)\n");
        client("\r\nNOOP\r\n");
        assertThat(transcript.text()).endsWith("... (100502 octets)\nC: NOOP\n");
    }

    @Test
    void keepsTheLatestThousandLines() {
        for (int i = 0; i < 1_002; i++) {
            transcript.note("line " + i);
        }

        assertThat(transcript.text())
                .startsWith("-- 2 lines before\n-- line 2\n")
                .endsWith("-- line 1001\n");
    }

    private void client(String octets) {
        transcript.client(Octets.of(octets));
    }

    private void server(String line) {
        transcript.server(Octets.of(line));
    }
}
