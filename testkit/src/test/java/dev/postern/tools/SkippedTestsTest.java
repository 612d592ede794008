package dev.postern.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnAnyJdk
class SkippedTestsTest {

    @Test
    void listsEachTestOnceAndOneCommand(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("new").resolve("list");
        SkippedTests.add(file, Tool.SMTP_SOURCE, "FlowTest");
        SkippedTests.add(file, Tool.NODEMAILER, "ClientsTest");
        SkippedTests.add(file, Tool.SMTP_SINK, "SmtpSinkTest");
        SkippedTests.add(file, Tool.SMTP_SOURCE, "AnotherTest");
        SkippedTests.add(file, Tool.SMTP_SOURCE, "FlowTest");
        assertThat(Files.readString(file)).isEqualTo("""
                Not tested, since programs of the system are missing:
                  smtp-sink: SmtpSinkTest
                  smtp-source: AnotherTest, FlowTest
                  nodemailer: ClientsTest
                To have them tested: apt-get install nodejs npm postfix && npm ci --prefix examples/clients/nodemailer
                """);
    }
}
