package dev.postern.internal.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.time.Watchdog;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamHealth;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the relay's client and a server that others wrote make of each other. */
abstract class ForeignServerTests {

    /** How the server behaves. */
    enum Manner {
        ACCEPTS,
        SPEAKS_NO_ESMTP,
        REFUSES_CONNECTIONS,
        REFUSES_EHLO_AND_HELO,
        REFUSES_RECIPIENTS,
        DEFERS_CONTENT,
        VANISHES_AT_MAIL,
        VANISHES_AFTER_CONTENT
    }

    /**
     * A message that the server has accepted.
     *
     * @param recipient the only one
     * @param text its content, as {@link #asStored} has it
     */
    record Stored(String recipient, String text) {}

    private final Watchdog watchdog = new Watchdog(RelayClock.system());

    /** Starts a server, and returns its port. */
    abstract int start(Manner manner) throws Exception;

    /** Ends all servers, and returns what they have accepted. */
    abstract List<Stored> stored() throws Exception;

    /** What remains of a text that is sent. */
    abstract String asStored(String text);

    @AfterEach
    void stopWatchdog() {
        watchdog.close();
    }

    @Test
    void takesMessagesOctetForOctetOverOneConnection() throws Exception {
        StringBuilder text = new StringBuilder("Subject: dots\r\n\r\n");
        while (text.length() < 100_000) {
            text.append(".".repeat(text.length() % 4))
                    .append("gr\u00fc\u00dfe ")
                    .append(text.length())
                    .append("\r\n");
        }
        try (UpstreamPool pool = pool(Manner.ACCEPTS)) {
            for (int i = 0; i < 20; i++) {
                DeliveryResult result =
                        pool.deliver(Mail.submission(Mail.content(text.toString()), "b" + i + "@example.org"));
                assertThat(result).isInstanceOf(Accepted.class);
            }
        }
        List<Stored> messages = stored();
        assertThat(messages).hasSize(20);
        String expected = asStored(text.toString());
        for (int i = 0; i < 20; i++) {
            assertThat(messages).contains(new Stored("b" + i + "@example.org", expected));
        }
    }

    @Test
    void refusesRecipients() throws Exception {
        try (UpstreamPool pool = pool(Manner.REFUSES_RECIPIENTS)) {
            DeliveryResult result = pool.deliver(Mail.simple());
            assertThat(result).isInstanceOf(Rejected.class);
            assertThat(((Rejected) result).recipients()).hasSize(1);
        }
        assertThat(stored()).isEmpty();
    }

    @Test
    void refusesTheEndOfTheContentForNow() throws Exception {
        try (UpstreamPool pool = pool(Manner.DEFERS_CONTENT)) {
            assertReason(pool.deliver(Mail.simple()), Reason.FAILED);
        }
    }

    @Test
    void goesAwayAfterTheEndOfTheContent() throws Exception {
        try (UpstreamPool pool = pool(Manner.VANISHES_AFTER_CONTENT)) {
            assertReason(pool.deliver(Mail.simple()), Reason.AMBIGUOUS);
        }
    }

    @Test
    void goesAwayAtMail() throws Exception {
        try (UpstreamPool pool = pool(Manner.VANISHES_AT_MAIL)) {
            assertReason(pool.deliver(Mail.simple()), Reason.TURNED_AWAY);
        }
        assertThat(stored()).isEmpty();
    }

    @Test
    void halfOfTheUpstreamsDownLosesAndDoublesNothing() throws Exception {
        List<UpstreamDelivery.Share> shares = new ArrayList<>();
        for (Manner manner :
                List.of(Manner.REFUSES_CONNECTIONS, Manner.ACCEPTS, Manner.VANISHES_AT_MAIL, Manner.ACCEPTS)) {
            shares.add(UpstreamDelivery.share(1, pool(manner)));
        }
        List<String> recipients = new ArrayList<>();
        try (UpstreamDelivery delivery = UpstreamDelivery.weighted(shares.toArray(UpstreamDelivery.Share[]::new))) {
            for (int i = 0; i < 40; i++) {
                recipients.add("r" + i + "@example.org");
                DeliveryResult result = delivery.deliver(Mail.submission(Mail.content(Mail.TEXT), recipients.get(i)));
                assertThat(result).isInstanceOf(Accepted.class);
            }
        }
        assertThat(stored()).extracting(Stored::recipient).containsExactlyInAnyOrderElementsOf(recipients);
    }

    @Test
    void verifiesWithoutAMessage() throws Exception {
        try (UpstreamPool ready = pool(Manner.ACCEPTS);
                UpstreamPool refusing = pool(Manner.REFUSES_EHLO_AND_HELO)) {
            assertThat(ready.verify().failure()).isEmpty();
            assertThat(ready.verify().extensions()).contains("PIPELINING");
            assertThat(refusing.verify().failure().orElseThrow().step()).isEqualTo(UpstreamHealth.Step.EHLO);
        }
        assertThat(stored()).isEmpty();
    }

    @Test
    void speaksNoEsmtp() throws Exception {
        try (UpstreamPool pool = pool(Manner.SPEAKS_NO_ESMTP)) {
            assertThat(pool.deliver(Mail.simple())).isInstanceOf(Accepted.class);
        }
        assertThat(stored()).containsExactly(new Stored("alice@example.org", asStored(Mail.TEXT)));
    }

    private UpstreamPool pool(Manner manner) throws Exception {
        return Mail.to(start(manner)).pool(RelayClock.system(), watchdog, RelayListener.none());
    }

    private static void assertReason(DeliveryResult result, Reason reason) {
        assertThat(result).isInstanceOf(Deferred.class);
        assertThat(((Deferred) result).reason())
                .as(((Deferred) result).detail())
                .isEqualTo(reason);
    }
}
