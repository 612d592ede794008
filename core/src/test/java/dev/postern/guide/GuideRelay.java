package dev.postern.guide;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Policies;
import dev.postern.settings.TlsSettings;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.RelayStarter;
import dev.postern.testkit.RelayUnderTest;

/** The relay of the examples: the documents show it once. */
final class GuideRelay {

    private GuideRelay() {}

    static RelayExtension extension() {
        return RelayExtension.with(starter()).withLogin("ann@example.org", "secret");
    }

    static RelayStarter starter() {
        return env -> {
            env.accounts().user("ann@example.org", "secret");
            SmtpRelay relay = SmtpRelay.builder()
                    .listen("127.0.0.1", 0)
                    .tls(TlsSettings.of(env.serverTls()))
                    .auth(AuthSettings.passwords(env.accounts()))
                    .policies(Policies.defaults().withSenderDomains(env.accounts()))
                    .upstream(Upstream.smtp("127.0.0.1", env.upstream().port()))
                    .listener(env.events())
                    .clock(env.clock())
                    .start();
            return RelayUnderTest.of(relay, relay.port());
        };
    }
}
