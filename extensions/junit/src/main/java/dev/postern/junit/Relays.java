package dev.postern.junit;

import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Policies;
import dev.postern.settings.TlsSettings;
import dev.postern.testkit.RelayEnvironment;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.RelayUnderTest;

/** Relays for tests, with a test's environment and the test's own settings. Thread-safe. */
public final class Relays {

    private Relays() {}

    /**
     * Returns a builder of a relay that uses the test's clock, accounts, upstream and event listener, on a free port of
     * 127.0.0.1 with STARTTLS.
     *
     * @param environment the test's environment
     * @return a builder, for further settings
     */
    public static SmtpRelayBuilder builder(RelayEnvironment environment) {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .tls(TlsSettings.of(environment.serverTls()))
                .auth(AuthSettings.passwords(environment.accounts()))
                .policies(Policies.defaults().withSenderDomains(environment.accounts()))
                .upstream(Upstream.smtp("127.0.0.1", environment.upstream().port()))
                .listener(environment.events())
                .clock(environment.clock());
    }

    /**
     * Starts a relay for a {@link RelayExtension}, as in {@code RelayExtension.with(env ->
     * Relays.start(Relays.builder(env).quota(QuotaPlan.perDay(10))))}.
     *
     * @param builder the builder from {@link #builder}
     * @return the running relay
     */
    public static RelayUnderTest start(SmtpRelayBuilder builder) {
        SmtpRelay relay = builder.start();
        return RelayUnderTest.of(relay, relay.port());
    }

    /**
     * Creates an extension with a relay like that of {@link Relay}.
     *
     * @param user a mail address, which may send from its domain
     * @param password the user's password
     * @return the extension, to register in a field
     */
    public static RelayExtension extension(String user, String password) {
        return RelayExtension.with(environment -> {
                    environment.accounts().user(user, password);
                    return start(builder(environment));
                })
                .withLogin(user, password);
    }
}
