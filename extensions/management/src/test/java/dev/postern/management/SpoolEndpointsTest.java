package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.postern.SmtpRelay;
import dev.postern.settings.AuthSettings;
import dev.postern.spi.Authenticator;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.Reply;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spool.Spool;
import dev.postern.spool.SpoolStore;
import dev.postern.testkit.TestMessage;
import dev.postern.tools.OnAnyJdk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What waits in a spool is seen and steered by HTTP. */
@OnAnyJdk
class SpoolEndpointsTest {

    private final AtomicBoolean upstreamWorks = new AtomicBoolean();
    private final AtomicInteger arrived = new AtomicInteger();

    @TempDir
    private Path directory;

    @Test
    void messagesAreListedShownHeldReleasedBouncedAndRemoved() throws Exception {
        UpstreamDelivery upstream = message ->
                upstreamWorks.get() ? accepted() : DeliveryResult.deferred("up", Reason.FAILED, "450 4.2.1 busy");
        try (Spool spool = Spool.builder(SpoolStore.directory(directory.resolve("spool")))
                        .start(upstream);
                SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .auth(AuthSettings.passwords(Authenticator.of(Map.of("ann@example.org", "secret")))
                                .withPlaintext())
                        .delivery(spool)
                        .start();
                ManagementServer server = ManagementServer.start(
                        "127.0.0.1",
                        0,
                        Management.of(relay, ManagementAccess.loopback()).withSpool(spool))) {
            Client client = new Client(server.address());
            List<String> ids = List.of(spooled(spool), spooled(spool), spooled(spool));
            until(() -> spool.figures().deferred() == 3 && spool.figures().sending() == 0);

            JsonArray listed = messages(client, "/spool?domain=EXAMPLE.com&limit=10");
            assertThat(listed).extracting(each -> id(each.getAsJsonObject())).isEqualTo(ids);
            assertThat(messages(client, "/spool?account=nobody")).isEmpty();
            assertThat(matching(client, "/spool?domain=example.com&limit=1")).isEqualTo(3);
            assertThat(matching(client, "/spool?account=nobody")).isZero();
            until(() -> accounts(client).equals(List.of("example.org 3")));
            JsonObject recipient = client.ask("GET", "/spool/" + ids.get(0))
                    .json()
                    .getAsJsonArray("recipients")
                    .get(0)
                    .getAsJsonObject();
            assertThat(recipient.get("status").getAsString()).isEqualTo("waiting");
            assertThat(recipient.get("reply").getAsString()).isEqualTo("450 4.2.1 busy");

            assertThat(change(client, "POST", ids.get(0) + "?action=hold")).isEqualTo(200);
            assertThat(messages(client, "/spool?state=held"))
                    .extracting(each -> id(each.getAsJsonObject()))
                    .containsExactly(ids.get(0));
            upstreamWorks.set(true);
            assertThat(change(client, "DELETE", ids.get(1))).isEqualTo(200);
            assertThat(change(client, "DELETE", ids.get(1))).isEqualTo(404);
            assertThat(change(client, "POST", ids.get(2) + "?action=bounce")).isEqualTo(200);
            until(() -> arrived.get() == 1); // the notice
            assertThat(change(client, "POST", ids.get(0) + "?action=release")).isEqualTo(200);
            until(() -> arrived.get() == 2);
            until(() -> client.ask("GET", "/spool").json().get("waiting").getAsLong() == 0);
            assertThat(change(client, "POST", "suspensions?domain=EXAMPLE.com&seconds=60"))
                    .isEqualTo(200);
            assertThat(change(client, "POST", "suspensions?account=eve&seconds=120"))
                    .isEqualTo(200);
            assertThat(client.ask("GET", "/spool").json().getAsJsonArray("suspensions"))
                    .extracting(
                            each -> each.getAsJsonObject().keySet().iterator().next())
                    .containsExactly("domain", "account");
            spooled(spool);
            assertThat(change(client, "DELETE", "suspensions?domain=example.com"))
                    .isEqualTo(200);
            until(() -> arrived.get() == 3);
            assertThat(change(client, "DELETE", "suspensions?domain=example.com"))
                    .isEqualTo(404);
            assertThat(change(client, "POST", "suspensions?domain=a.test&account=b&seconds=1"))
                    .isEqualTo(400);
            assertThat(change(client, "POST", "suspensions?account=b")).isEqualTo(400);
            assertThat(change(client, "POST", ids.get(0) + "?action=burn")).isEqualTo(400);
            assertThat(client.ask("GET", "/spool?state=lost").status()).isEqualTo(400);
            relay.stop(Duration.ZERO);
        }
    }

    @Test
    void withoutASpoolThereIsNone() throws Exception {
        try (SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .auth(AuthSettings.passwords(Authenticator.of(Map.of("ann@example.org", "secret")))
                                .withPlaintext())
                        .delivery(message -> accepted())
                        .start();
                ManagementServer server =
                        ManagementServer.start("127.0.0.1", 0, Management.of(relay, ManagementAccess.loopback()))) {
            Client client = new Client(server.address());
            assertThat(client.ask("GET", "/spool").status()).isEqualTo(404);
            assertThat(change(client, "DELETE", "x")).isEqualTo(404);
            relay.stop(Duration.ZERO);
        }
    }

    private DeliveryResult accepted() {
        arrived.incrementAndGet();
        return DeliveryResult.accepted("up", Reply.fromUpstream(250, List.of("2.0.0 taken")));
    }

    private static String spooled(Spool spool) {
        DeliveryResult result = spool.deliver(TestMessage.of("Subject: hello\r\n\r\nhello\r\n")
                .withRecipients("bob@example.com")
                .submission());
        return ((Accepted) result).reply().toString().replaceFirst(".*queued as ", "");
    }

    private static JsonArray messages(Client client, String target) {
        return client.ask("GET", target).json().getAsJsonArray("messages");
    }

    private static int matching(Client client, String target) {
        return client.ask("GET", target).json().get("matching").getAsInt();
    }

    private static List<String> accounts(Client client) {
        return client.ask("GET", "/spool").json().getAsJsonArray("accounts").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .map(one -> one.get("account").getAsString() + " " + one.get("messages"))
                .toList();
    }

    private static String id(JsonObject message) {
        return message.get("id").getAsString();
    }

    private static int change(Client client, String method, String target) {
        return client.ask(method, "/spool/" + target).status();
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
        }
    }
}
