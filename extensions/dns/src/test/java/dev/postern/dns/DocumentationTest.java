package dev.postern.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Holds docs/content.md to code that compiles, and runs it. */
@OnAnyJdk
class DocumentationTest {

    private static final Path SOURCE = Path.of("src/test/java/dev/postern/dns/DocumentationTest.java");

    // example
    static DnsSenderDomains domains(Function<String, String> challenges, PublishedKey key) {
        return DnsSenderDomains.builder()
                .requireOwnership("_relay-challenge", challenges) // TXT at _relay-challenge.example.org
                .requireSpf("_spf.relay.example") // include:_spf.relay.example, also by way of other includes
                .requireDkim(domain -> List.of(key)) // this key at <selector>._domainkey.example.org
                .requireDmarc() // any policy, of the domain or one above it
                .build(); // for Policies.withSenderDomains
    }
    // end

    // example
    static void show(DnsSenderDomains domains, String domain, Consumer<String> page) {
        DomainReport report = domains.verify(domain).join(); // asks now
        for (Finding finding : report.findings()) {
            page.accept(finding.requirement() + ": " + finding.state() + " " + finding.problem());
            if (finding.state() != Finding.State.MET) {
                page.accept("  publish: " + finding.name() + " TXT \"" + finding.publish() + "\"");
            }
        }
    }
    // end

    @Test
    void theExamplesAreThisCode() throws IOException, GeneralSecurityException {
        String documentation = Files.readString(Path.of("../../docs/content.md"));
        String[] pieces = Files.readString(SOURCE).split("    // example\n");
        assertThat(pieces.length).isGreaterThanOrEqualTo(3);
        for (String piece : List.of(pieces[1], pieces[2])) {
            String example = piece.substring(0, piece.indexOf("    // end"));
            assertThat(documentation)
                    .contains("```java\n" + example.stripTrailing().stripIndent() + "\n```");
        }
        PublishedKey key = new PublishedKey("s1", TestKeys.rsa(2048));
        assertThat(domains(domain -> "x", key).report("example.org")).isEmpty();
    }

    @Test
    void theReportTellsWhatToDo() {
        List<String> page = new ArrayList<>();
        try (DnsServer dns = DnsServer.start()) {
            DnsSenderDomains domains = DnsSenderDomains.builder()
                    .resolver(dns.address())
                    .requireSpf("_spf.relay.example")
                    .requireDmarc()
                    .build();
            dns.txt("example.org", "v=spf1 mx -all").txt("_dmarc.example.org", "v=DMARC1; p=none");
            show(domains, "example.org", page::add);
        }
        assertThat(page)
                .containsExactly(
                        "SPF: WRONG the SPF record does not include _spf.relay.example",
                        "  publish: example.org TXT \"v=spf1 include:_spf.relay.example mx -all\"",
                        "DMARC: MET ");
    }
}
