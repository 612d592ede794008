package dev.postern.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.dns.DnsServer.Mode;
import dev.postern.dns.Finding.Requirement;
import dev.postern.dns.Finding.State;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Policies;
import dev.postern.spi.Identity;
import dev.postern.spi.SenderDomains.Status;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.assertions.SmtpAssertions;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.OnAnyJdk;
import java.security.PublicKey;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What DNS says, over real sockets; the TTLs' time is the test's. */
@OnAnyJdk
class DnsSenderDomainsTest {

    private static final PublicKey RSA = TestKeys.rsa(2048);
    private static final PublicKey OTHER = TestKeys.rsa(2048);
    private static final PublicKey ED25519 = TestKeys.of("Ed25519");
    private static final PublishedKey RSA_KEY = new PublishedKey("s1", RSA);
    private static final PublishedKey ED_KEY = new PublishedKey("s2", ED25519);
    private static final Identity ANN = Identity.of("ann").withDomains("example.org", "*.example.org", "other.example");
    private static final String SPF = "v=spf1 include:spf.relay.example -all";

    private final DnsServer dns = DnsServer.start();
    private final TestClock clock = new TestClock();

    @AfterEach
    void close() {
        dns.close();
    }

    private DnsSenderDomains.Builder builder() {
        return DnsSenderDomains.builder().resolver(dns.address()).clock(clock);
    }

    private DnsSenderDomains spf() {
        return builder().requireSpf("spf.relay.example").build();
    }

    private static Map<Requirement, Consumer<DnsSenderDomains.Builder>> requirements() {
        return new EnumMap<>(Map.of(
                Requirement.OWNERSHIP,
                builder -> builder.requireOwnership("_relay", domain -> "relay-owner=" + domain.length()),
                Requirement.SPF,
                builder -> builder.requireSpf("spf.relay.example"),
                Requirement.DKIM,
                builder -> builder.requireDkim(domain -> List.of(RSA_KEY, ED_KEY)),
                Requirement.DMARC,
                DnsSenderDomains.Builder::requireDmarc));
    }

    private DnsSenderDomains everything() {
        DnsSenderDomains.Builder all = builder();
        requirements().values().forEach(each -> each.accept(all));
        return all.build();
    }

    private void publishEverything(String domain) {
        dns.txt("_relay." + domain, "relay-owner=" + domain.length());
        dns.txt(domain, "some-verification=1", SPF);
        dns.txt("s1._domainkey." + domain, RSA_KEY.record());
        dns.txt("s2._domainkey." + domain, ED_KEY.record());
        dns.txt("_dmarc." + domain, "v=DMARC1; p=reject; rua=mailto:d@" + domain);
    }

    private static DomainReport report(DnsSenderDomains domains, String domain) throws Exception {
        return domains.verify(domain).get(30, TimeUnit.SECONDS);
    }

    private static Finding finding(DnsSenderDomains domains, String domain) throws Exception {
        List<Finding> findings = report(domains, domain).findings();
        assertThat(findings).hasSize(1);
        return findings.get(0);
    }

    @Test
    void validatesWhatIsPublished() {
        publishEverything("example.org");
        DnsSenderDomains domains = everything();
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.VALIDATED);
        assertThat(domains.check(ANN, "a.example.org")).isEqualTo(Status.VALIDATED);
        assertThat(domains.check(ANN, "other.example")).isEqualTo(Status.UNVALIDATED);
        assertThat(domains.check(ANN, "foreign.example")).isEqualTo(Status.FOREIGN);
        assertThat(dns.queries("foreign.example"))
                .as("what is foreign is not asked for")
                .isZero();
        DomainReport report = domains.report("EXAMPLE.org").orElseThrow();
        assertThat(report.findings())
                .extracting(Finding::requirement)
                .containsExactly(
                        Requirement.OWNERSHIP, Requirement.SPF, Requirement.DKIM, Requirement.DKIM, Requirement.DMARC);
        assertThat(report.findings())
                .allMatch(finding ->
                        finding.state() == State.MET && finding.problem().isEmpty());
    }

    @Test
    void saysWhatToPublishAndThatIsRight() throws Exception {
        DnsSenderDomains domains = everything();
        DomainReport before = report(domains, "example.org");
        assertThat(before.validated()).isFalse();
        assertThat(before.findings()).hasSize(5).allSatisfy(finding -> {
            assertThat(finding.state()).isEqualTo(State.MISSING);
            assertThat(finding.problem()).isNotEmpty();
            dns.txt(finding.name(), finding.publish());
        });
        assertThat(report(domains, "example.org").validated()).isTrue();
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.VALIDATED);
    }

    static Stream<Arguments> names() {
        return Stream.of(
                Arguments.of("_relay.example.org", Requirement.OWNERSHIP),
                Arguments.of("example.org", Requirement.SPF),
                Arguments.of("s1._domainkey.example.org", Requirement.DKIM),
                Arguments.of("s2._domainkey.example.org", Requirement.DKIM),
                Arguments.of("_dmarc.example.org", Requirement.DMARC));
    }

    @ParameterizedTest
    @MethodSource("names")
    void eachRequirementCountsAndIsSwitchable(String name, Requirement requirement) throws Exception {
        publishEverything("example.org");
        dns.txt(name);
        assertThat(everything().check(ANN, "example.org")).isEqualTo(Status.UNVALIDATED);
        assertThat(report(everything(), "example.org").findings())
                .filteredOn(finding -> finding.state() != State.MET)
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.requirement()).isEqualTo(requirement);
                    assertThat(finding.name()).isEqualTo(name);
                });
        DnsSenderDomains.Builder without = builder();
        Map<Requirement, Consumer<DnsSenderDomains.Builder>> others = requirements();
        assertThat(others.remove(requirement)).isNotNull();
        others.values().forEach(each -> each.accept(without));
        assertThat(without.build().check(ANN, "example.org")).isEqualTo(Status.VALIDATED);
    }

    static Stream<Arguments> spfRecords() {
        return Stream.of(
                Arguments.of("v=spf1 include:spf.relay.example -all", State.MET),
                Arguments.of("V=SPF1 +INCLUDE:SPF.Relay.Example. ~all", State.MET),
                Arguments.of("v=spf1 ip4:192.0.2.0/24 mx include:spf.relay.example", State.MET),
                Arguments.of("v=spf1 include:nested.example ~all", State.MET),
                Arguments.of("v=spf1 redirect=nested.example", State.MET),
                Arguments.of("v=spf1 include:_under.example -all", State.MET),
                Arguments.of("v=spf1 include:loop.example include:spf.relay.example -all", State.MET),
                Arguments.of("v=spf1 include:missing.example include:spf.relay.example -all", State.MET),
                Arguments.of("v=spf1 " + "ip4:192.0.2.1 ".repeat(60) + "include:spf.relay.example -all", State.MET),
                Arguments.of("v=spf1 " + "a:x.example ".repeat(9) + "include:spf.relay.example", State.MET),
                Arguments.of("v=spf1 -all", State.WRONG),
                Arguments.of("v=spf1", State.WRONG),
                Arguments.of("v=spf1 -include:spf.relay.example ~all", State.WRONG),
                Arguments.of("v=spf1 ?include:spf.relay.example ~all", State.WRONG),
                Arguments.of("v=spf1 all include:spf.relay.example", State.WRONG),
                Arguments.of("v=spf1 redirect=nested.example -all", State.WRONG),
                Arguments.of("v=spf1 include:spf.relay.example.evil.example -all", State.WRONG),
                Arguments.of("v=spf1 include:%{i}.example -all", State.WRONG),
                Arguments.of("v=spf1 include:loop.example -all", State.WRONG),
                Arguments.of("v=spf1 " + "exists:a.example ".repeat(10) + "include:spf.relay.example", State.WRONG),
                Arguments.of("v=spf10 include:spf.relay.example", State.MISSING),
                Arguments.of("spf1 include:spf.relay.example", State.MISSING),
                Arguments.of("", State.MISSING));
    }

    @ParameterizedTest
    @MethodSource("spfRecords")
    void readsSpfAsReceiversDo(String record, State expected) throws Exception {
        dns.txt("example.org", "unrelated", record)
                .txt("nested.example", "v=spf1 include:deeper.example ~all")
                .txt("deeper.example", "v=spf1 include:spf.relay.example ~all")
                .txt("_under.example", "v=spf1 include:spf.relay.example ~all")
                .txt("loop.example", "v=spf1 include:loop.example include:loop2.example ~all")
                .txt("loop2.example", "v=spf1 include:loop.example ~all");
        DnsSenderDomains domains = spf();
        Finding finding = finding(domains, "example.org");
        assertThat(finding.state()).as(finding.toString()).isEqualTo(expected);
        dns.txt("example.org", finding.publish());
        boolean tooLong = finding.problem().contains("lookups");
        assertThat(report(domains, "example.org").validated())
                .as("with " + finding.publish())
                .isEqualTo(!tooLong);
    }

    @Test
    void refusesTwoSpfRecords() throws Exception {
        dns.txt("example.org", SPF, "v=spf1 mx -all");
        Finding finding = finding(spf(), "example.org");
        assertThat(finding.state()).isEqualTo(State.WRONG);
        assertThat(finding.found()).containsExactlyInAnyOrder(SPF, "v=spf1 mx -all");
    }

    static Stream<Arguments> dkimRecords() {
        byte[] encoded = RSA.getEncoded();
        String p = base64(encoded);
        // RSAPublicKey of RFC 8017 ends the encoded key: for 2048 bits behind 24 octets
        String bare = base64(Arrays.copyOfRange(encoded, 24, encoded.length));
        return Stream.of(
                Arguments.of("v=DKIM1; k=rsa; p=" + p, State.MET),
                Arguments.of("p=" + p, State.MET),
                Arguments.of(
                        " v = DKIM1 ;\tk=RSA; n=a note; s=email:other; h=sha1:sha256; t=y; p= " + p.substring(0, 60)
                                + " " + p.substring(60) + " ; ",
                        State.MET),
                Arguments.of("v=DKIM1; s=*; p=" + p, State.MET),
                Arguments.of("v=DKIM1; p=" + bare, State.MET),
                Arguments.of("v=DKIM1; p=" + base64(OTHER.getEncoded()), State.WRONG),
                Arguments.of("v=DKIM1; p=", State.WRONG),
                Arguments.of("v=DKIM1", State.WRONG),
                Arguments.of("v=DKIM2; p=" + p, State.WRONG),
                Arguments.of("v=DKIM1; k=ed25519; p=" + p, State.WRONG),
                Arguments.of("v=DKIM1; h=sha1; p=" + p, State.WRONG),
                Arguments.of("v=DKIM1; s=tlsrpt; p=" + p, State.WRONG),
                Arguments.of("v=DKIM1; p=" + p.substring(4), State.WRONG),
                Arguments.of("v=DKIM1; p=*" + p, State.WRONG),
                Arguments.of("v=DKIM1; p=" + p + "; p=" + p, State.WRONG),
                Arguments.of("v=DKIM1; p=" + p + "; p=", State.WRONG),
                Arguments.of("v=spf1 -all", State.WRONG),
                Arguments.of("", State.WRONG));
    }

    private static String base64(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }

    @ParameterizedTest
    @MethodSource("dkimRecords")
    void comparesDkimKeys(String record, State expected) throws Exception {
        dns.txt("s1._domainkey.example.org", record);
        Finding finding =
                finding(builder().requireDkim(domain -> List.of(RSA_KEY)).build(), "example.org");
        assertThat(finding.state()).as(finding.toString()).isEqualTo(expected);
    }

    @Test
    void followsAliasesAndTcp() throws Exception {
        PublishedKey key = new PublishedKey("s1", TestKeys.rsa(4096));
        dns.alias("s1._domainkey.example.org", "s1.keys.relay.example").txt("s1.keys.relay.example", key.record());
        assertThat(report(builder().requireDkim(domain -> List.of(key)).build(), "example.org")
                        .validated())
                .isTrue();
        assertThat(dns.byTcp.get()).isPositive();
    }

    @Test
    void refusesTwoDkimRecordsAndDomainsWithoutKey() throws Exception {
        dns.txt("s1._domainkey.example.org", RSA_KEY.record(), "v=DKIM1; p=");
        assertThat(finding(builder().requireDkim(d -> List.of(RSA_KEY)).build(), "example.org")
                        .state())
                .isEqualTo(State.WRONG);
        assertThat(builder().requireDkim(d -> List.of()).build().check(ANN, "example.org"))
                .isEqualTo(Status.UNVALIDATED);
    }

    static Stream<Arguments> dmarcRecords() {
        return Stream.of(
                Arguments.of("_dmarc.a.b.example.org", "v=DMARC1; p=none", State.MET),
                Arguments.of("_dmarc.b.example.org", "v=DMARC1;p=quarantine", State.MET),
                Arguments.of("_dmarc.example.org", "v=DMARC1; p=REJECT; pct=100", State.MET),
                Arguments.of("_dmarc.example.org", "v=DMARC1; rua=mailto:a@example.org", State.MET),
                Arguments.of("_dmarc.org", "v=DMARC1; p=reject", State.MISSING),
                Arguments.of("_dmarc.example.org", "v=DMARC1; p=block", State.WRONG),
                Arguments.of("_dmarc.example.org", "v=DMARC1; p=none; p=reject", State.WRONG),
                Arguments.of("_dmarc.example.org", "v=DMARC1", State.WRONG),
                Arguments.of("_dmarc.example.org", "p=none; v=DMARC1", State.MISSING),
                Arguments.of("_dmarc.example.org", "v=DMARC12; p=none", State.MISSING));
    }

    @ParameterizedTest
    @MethodSource("dmarcRecords")
    void findsDmarcOfTheDomainOrAbove(String name, String record, State expected) throws Exception {
        dns.txt(name, "unrelated", record);
        Finding finding = finding(builder().requireDmarc().build(), "a.b.example.org");
        assertThat(finding.state()).as(finding.toString()).isEqualTo(expected);
    }

    @Test
    void keepsAnswersForTheirTtlAndAsksAgainBeforeItEnds() throws Exception {
        dns.ttl(1000);
        dns.txt("example.org", SPF);
        DnsSenderDomains domains = spf();
        for (int i = 0; i < 100; i++) {
            assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.VALIDATED);
        }
        clock.advance(Duration.ofSeconds(740));
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.VALIDATED);
        assertThat(dns.queries("example.org")).isEqualTo(1);
        dns.txt("example.org", "v=spf1 -all");
        clock.advance(Duration.ofSeconds(20)); // the last quarter: answered from what is known, asked in the background
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.VALIDATED);
        report(domains, "example.org"); // joins that, or is another one
        assertThat(dns.queries("example.org")).isGreaterThan(1);
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.UNVALIDATED);
        // what is missing is looked for after the least time
        dns.txt("example.org", SPF);
        clock.advance(Duration.ofSeconds(40));
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.UNVALIDATED);
        clock.advance(Duration.ofSeconds(21));
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.VALIDATED);
    }

    @Test
    void boundsTtls() throws Exception {
        DnsSenderDomains domains = builder()
                .requireSpf("spf.relay.example")
                .ttl(Duration.ofMinutes(2), Duration.ofMinutes(30))
                .build();
        for (long[] bounds : new long[][] {{0, 120}, {60, 120}, {600, 600}, {1_000_000, 1800}}) {
            dns.ttl(bounds[0]);
            dns.txt("example.org", SPF);
            DomainReport report = report(domains, "example.org");
            assertThat(Duration.between(report.checked(), report.validUntil())).hasSeconds(bounds[1]);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"SERVFAIL", "REFUSED", "SILENT", "GARBAGE"})
    void anOutageStopsNoValidatedDomainAndValidatesNone(Mode trouble) throws Exception {
        dns.ttl(60);
        dns.txt("example.org", SPF).txt("other.example", "v=spf1 -all");
        DnsSenderDomains domains = builder()
                .requireSpf("spf.relay.example")
                .patience(Duration.ofMillis(600))
                .maxStale(Duration.ofHours(5))
                .build();
        assertThat(report(domains, "example.org").validated()).isTrue();
        assertThat(report(domains, "other.example").validated()).isFalse();
        dns.answer(trouble);
        clock.advance(Duration.ofHours(4));
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.VALIDATED);
        assertThat(domains.check(ANN, "other.example"))
                .as("neither validated nor refused for good")
                .isEqualTo(Status.UNKNOWN);
        Identity eve = Identity.of("eve").withDomains("new.example");
        assertThat(domains.check(eve, "new.example")).isEqualTo(Status.UNKNOWN);
        DomainReport report = report(domains, "new.example");
        assertThat(report.conclusive()).isFalse();
        assertThat(report.findings().get(0).state()).isEqualTo(State.UNKNOWN);
        assertThat(report.findings().get(0).publish()).isEqualTo("v=spf1 include:spf.relay.example ~all");
        // until what is known is too old
        clock.advance(Duration.ofHours(2));
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.UNKNOWN);
        // and as soon as DNS is back, all is as before
        report(domains, "example.org"); // those that run end in trouble
        report(domains, "other.example");
        dns.answer(Mode.WELL);
        assertThat(report(domains, "example.org").validated()).isTrue();
        assertThat(report(domains, "other.example").conclusive()).isTrue();
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.VALIDATED);
        assertThat(domains.check(ANN, "other.example")).isEqualTo(Status.UNVALIDATED);
    }

    @Test
    void whatIsSurelyMissingCountsThoughSomethingElseIsNotKnown() throws Exception {
        publishEverything("example.org");
        dns.answer("_dmarc.example.org", Mode.REFUSED);
        assertThat(everything().check(ANN, "example.org")).isEqualTo(Status.UNKNOWN);
        dns.txt("example.org");
        DomainReport report = report(everything(), "example.org");
        assertThat(report.conclusive()).isTrue();
        assertThat(report.findings()).extracting(Finding::state).contains(State.MISSING, State.UNKNOWN);
        assertThat(everything().check(ANN, "example.org")).isEqualTo(Status.UNVALIDATED);
    }

    @Test
    void leavesDnsAloneForAWhileAfterTrouble() throws Exception {
        dns.answer(Mode.REFUSED);
        DnsSenderDomains domains = builder().requireDmarc().build();
        assertThat(report(domains, "example.org").conclusive()).isFalse();
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.UNKNOWN);
        int asked = dns.queries("_dmarc.example.org");
        for (int i = 0; i < 100; i++) {
            assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.UNKNOWN);
        }
        assertThat(dns.queries("_dmarc.example.org")).isEqualTo(asked);
        dns.answer(Mode.WELL);
        dns.txt("_dmarc.example.org", "v=DMARC1; p=none");
        clock.advance(DomainState.RETRY);
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.VALIDATED);
    }

    @Test
    void aWallClockThatJumpsChangesNothing() throws Exception {
        dns.ttl(60);
        dns.txt("example.org", SPF);
        DnsSenderDomains domains = spf();
        dns.answer(Mode.SERVFAIL);
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.UNKNOWN);
        report(domains, "example.org"); // the one that runs ends in trouble
        dns.answer(Mode.WELL);
        clock.jumpWallClock(Duration.ofHours(-1)); // it was fast, and is put right
        clock.advance(DomainState.RETRY);
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.VALIDATED);

        dns.answer(Mode.SERVFAIL);
        clock.jumpWallClock(Duration.ofDays(30));
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.VALIDATED);
        dns.answer(Mode.WELL);
        dns.txt("example.org", "v=spf1 -all");
        clock.jumpWallClock(Duration.ofDays(-60));
        clock.advance(Duration.ofSeconds(120));
        assertThat(domains.check(ANN, "example.org")).isEqualTo(Status.UNVALIDATED);
    }

    @Test
    void asksOnceForManyMessagesAtATime() throws Exception {
        dns.txt("example.org", SPF);
        DnsSenderDomains domains = spf();
        ExecutorService sessions = Executors.newFixedThreadPool(50);
        List<CompletableFuture<Status>> checks = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            checks.add(CompletableFuture.supplyAsync(() -> domains.check(ANN, "example.org"), sessions));
        }
        sessions.shutdown();
        for (CompletableFuture<Status> each : checks) {
            assertThat(each.get(30, TimeUnit.SECONDS)).isEqualTo(Status.VALIDATED);
        }
        assertThat(dns.queries("example.org")).isEqualTo(1);
    }

    @Test
    void holdsNoMoreDomainsThanAllowed() throws Exception {
        DnsSenderDomains domains = builder().requireDmarc().maxDomains(10).build();
        int known = 0;
        for (int i = 0; i < 200; i++) {
            report(domains, "d" + i + ".example");
        }
        for (int i = 0; i < 200; i++) {
            known += domains.report("d" + i + ".example").isPresent() ? 1 : 0;
        }
        assertThat(known).isBetween(1, 50); // the cache evicts in the background
    }

    @Test
    void showsOnlyPrintableTexts() throws Exception {
        dns.txt("_relay.example.org", "a\u0000\u001b[31m\u00e4\"\\b", "x".repeat(2000));
        Finding finding =
                finding(builder().requireOwnership("_relay", domain -> "secret").build(), "example.org");
        assertThat(finding.found())
                .hasSize(2)
                .allMatch(text -> text.length() <= 500 && text.chars().allMatch(c -> c >= ' ' && c < 0x7f));
    }

    @Test
    void theRelayAnswersByWhatDnsSays() {
        dns.txt("example.org", SPF).txt("other.example", "v=spf1 -all");
        dns.answer("example.com", Mode.REFUSED);
        Identity identity = Identity.of("ann").withDomains("example.org", "other.example", "example.com");
        try (FakeUpstream upstream = FakeUpstream.start();
                SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .auth(AuthSettings.defaults().withTrusted("127.0.0.1/32", identity))
                        .upstream(Upstream.smtp("127.0.0.1", upstream.port()))
                        .policies(Policies.defaults().withSenderDomains(spf()))
                        .start()) {
            for (String[] each : new String[][] {
                {"example.org", "250 2.0.0 Ok: relayed as"},
                {"other.example", StandardReply.DOMAIN_NOT_AUTHENTICATED.reply().toString()},
                {"foreign.example", StandardReply.FROM_DOMAIN_MISMATCH.reply().toString()},
                {"example.com", StandardReply.UPSTREAM_RELAY_FAILED.reply().toString()}
            }) {
                try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
                    SmtpAssertions.assertThat(probe.readReply()).hasCode(220);
                    SmtpAssertions.assertThat(probe.ehlo()).hasCode(250);
                    SmtpAssertions.assertThat(probe.mail("ann@example.org")).hasCode(250);
                    SmtpAssertions.assertThat(probe.rcpt("bob@example.net")).hasCode(250);
                    assertThat(probe.data("From: ann@" + each[0] + "\r\n\r\nx\r\n")
                                    .toString()
                                    .replace(" / ", " "))
                            .startsWith(each[1]);
                }
            }
            assertThat(upstream.messages()).hasSize(1);
        }
    }

    @Test
    void refusesWrongSettings() {
        assertThatThrownBy(() -> DnsSenderDomains.builder().build()).hasMessageContaining("requireOwnership");
        assertThatThrownBy(() -> builder().requireOwnership("a.b", d -> "x")).hasMessageContaining("label");
        assertThatThrownBy(() -> builder().requireSpf("no domain")).hasMessageContaining("include");
        assertThatThrownBy(() -> builder().requireSpf("a.example").requireSpf("b.example"))
                .hasMessageContaining("requireSpf");
        assertThatThrownBy(() -> builder().requireDmarc().requireDmarc()).hasMessageContaining("requireDmarc");
        assertThatThrownBy(() -> builder().ttl(Duration.ZERO, Duration.ofSeconds(1)))
                .hasMessageContaining("least");
        assertThatThrownBy(() -> builder().ttl(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessageContaining("most");
        assertThatThrownBy(() -> builder().maxStale(Duration.ZERO)).hasMessageContaining("maxStale");
        assertThatThrownBy(() -> builder().maxStale(ChronoUnit.FOREVER.getDuration()))
                .hasMessageContaining("365 days at most");
        assertThatThrownBy(() -> builder().patience(Duration.ofSeconds(-1))).hasMessageContaining("patience");
        assertThatThrownBy(() -> builder().maxDomains(0)).hasMessageContaining("maxDomains");
        assertThatThrownBy(() -> new PublishedKey("s1", TestKeys.of("EC"))).hasMessageContaining("key");
        assertThatThrownBy(() -> new PublishedKey("a b", RSA)).hasMessageContaining("selector");
        assertThatThrownBy(() -> builder().requireDmarc().build().verify("no domain"))
                .hasMessageContaining("domain");
        for (PublicKey key : List.of(RSA, ED25519)) {
            String pem = "-----BEGIN PUBLIC KEY-----\n"
                    + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                    + "\n-----END PUBLIC KEY-----\n";
            assertThat(PublishedKey.fromPem("s1", pem).key()).isEqualTo(key);
            assertThatThrownBy(() -> PublishedKey.fromPem("s1", pem.replace("PUBLIC", "PRIVATE")))
                    .hasMessageContaining("pem");
        }
    }
}
