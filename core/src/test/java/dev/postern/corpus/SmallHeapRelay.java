package dev.postern.corpus;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.Policies;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.Identity;
import dev.postern.spi.SenderDomains;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/**
 * A relay with the defaults in a JVM of its own; its arguments are the upstream's port and the directory for content, it
 * prints its own port. Runs until it is killed.
 */
final class SmallHeapRelay {

    private SmallHeapRelay() {}

    public static void main(String[] arguments) throws IOException {
        Identity alice =
                Identity.of("alice@client.test").withDomains("client.test", "unready.test", "b\u00fccher.test");
        try (SmtpRelay relay = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.defaults().withTrusted("127.0.0.1/32", alice))
                .policies(Policies.defaults()
                        .withSenderDomains(SenderDomains.ofIdentityExcept(Set.of("unready.test", "b\u00fccher.test"))))
                .sessions(SessionLimits.defaults()
                        .withPerAddress(1000)
                        .withPerUser(1000)
                        .withPerAccount(1000))
                .storage(ContentStorage.defaults().withDirectory(Path.of(arguments[1])))
                .upstream(Upstream.smtp("127.0.0.1", Integer.parseInt(arguments[0])))
                .start()) {
            System.out.println(relay.port());
            int end = System.in.read(); // the test leaves it open
            System.out.println("ended by " + end);
        }
    }
}
