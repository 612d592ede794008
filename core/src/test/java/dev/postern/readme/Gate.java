package dev.postern.readme;

// DOC embedding
import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.spi.Authenticator;
import dev.postern.spi.QuotaPlan;
import java.util.Map;

public class Gate {
    public static SmtpRelayBuilder relay(int port, Upstream upstream) {
        Authenticator users = Authenticator.of(Map.of("alice@example.org", "correct horse"));
        return SmtpRelay.builder()
                .listen("127.0.0.1", port)
                .auth(AuthSettings.passwords(users).withPlaintext()) // on this machine alone; elsewhere .tls(...)
                .quota(QuotaPlan.perDay(1000)) // recipients, for each account
                .upstream(upstream);
    }

    public static void main(String[] args) { // for instance smtps://user:password@smtp.example.net
        SmtpRelay relay = relay(2525, Upstream.of(args[0])).start();
        Runtime.getRuntime().addShutdownHook(new Thread(relay::close)); // lets messages in flight end
    }
}
// end
