package dev.postern.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.Identity;
import dev.postern.spi.SenderDomains.Status;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The same against a DNS server that is not ours and not dnsjava's: Debian's dnsmasq. */
@Needs(Tool.DNSMASQ)
class DnsmasqTest {

    private static final Identity ANN = Identity.of("ann").withDomains("example.org", "broken.example");

    @Test
    void validatesWhatDnsmasqServes() throws Exception {
        PublishedKey key = new PublishedKey("s1", TestKeys.rsa(4096));
        String record = key.record();
        int port = freePort();
        Process dnsmasq = start(
                port,
                "--txt-record=_relay.example.org,owner=1",
                "--txt-record=example.org,other",
                "--txt-record=example.org,v=spf1 include:nested.example -all",
                "--txt-record=nested.example,v=spf1 include:spf.relay.example ~all",
                "--txt-record=s1._domainkey.example.org," + record.substring(0, 250) + "," + record.substring(250, 500)
                        + "," + record.substring(500),
                "--txt-record=_dmarc.example.org,v=DMARC1; p=none",
                "--txt-record=broken.example,v=spf1 -all");
        try {
            DnsSenderDomains domains = DnsSenderDomains.builder()
                    .resolver(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .requireOwnership("_relay", domain -> "owner=1")
                    .requireSpf("spf.relay.example")
                    .requireDkim(domain -> List.of(key))
                    .requireDmarc()
                    .build();
            assertThat(domains.verify("example.org").get(20, TimeUnit.SECONDS).findings())
                    .allMatch(finding -> finding.state() == Finding.State.MET);
            assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.VALIDATED);
            assertThat(domains.check(ANN, "broken.example")).isEqualTo(Status.UNVALIDATED);
        } finally {
            dnsmasq.destroy();
            assertThat(dnsmasq.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static Process start(int port, String... records) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Tool.DNSMASQ.path(),
                "--no-daemon",
                "--conf-file=/dev/null",
                "--pid-file=",
                "--no-resolv",
                "--no-hosts",
                "--listen-address=127.0.0.1",
                "--bind-interfaces",
                "--local=/example.org/example/",
                "--port=" + port));
        command.addAll(List.of(records));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader log =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder said = new StringBuilder();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            said.append(line).append('\n');
            if (line.contains("started, version")) {
                return process;
            }
        }
        throw new AssertionError("dnsmasq does not start: " + said);
    }

    /** One that is free for UDP and TCP. */
    private static int freePort() throws IOException {
        try (ServerSocket tcp = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                DatagramSocket udp = new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress())) {
            return udp.getLocalPort();
        }
    }
}
