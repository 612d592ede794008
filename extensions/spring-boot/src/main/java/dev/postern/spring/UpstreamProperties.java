package dev.postern.spring;

import dev.postern.Upstream;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.PoolSettings;
import dev.postern.spi.DeliveryLimits;
import dev.postern.spi.UpstreamTimeouts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A server that takes the messages.
 *
 * @param uri Server as a URI, such as smtps://user:password@smtp.example.net, in place of host, port and protocol.
 * @param host Name or address of the server.
 * @param port Port of the server. Default: 25, 587 or 465, by the protocol.
 * @param protocol How the server is talked with: smtp in clear, smtp+starttls, smtp+starttls-if-offered, or smtps.
 * @param username Name to log in with.
 * @param password Password to log in with.
 * @param allowPlaintextAuth Whether smtp may log in although the password goes in clear.
 * @param ssl TLS towards the server.
 * @param pool How many connections there are, and for how long.
 * @param circuit When the server is left alone for a while, because it cannot be reached.
 * @param timeouts How long the server may take, step by step.
 * @param limits How much the server may be given; -1 is without limit.
 */
record UpstreamProperties(
        @Nullable String uri,
        @Nullable String host,
        @Nullable Integer port,
        @DefaultValue("smtp+starttls") Protocol protocol,
        @Nullable String username,
        @Nullable String password,
        @DefaultValue("false") boolean allowPlaintextAuth,
        @DefaultValue Ssl ssl,
        @DefaultValue Pool pool,
        @DefaultValue Circuit circuit,
        @DefaultValue Timeouts timeouts,
        @DefaultValue Limits limits) {

    /** How a server is talked with. */
    enum Protocol {
        /** In clear. */
        SMTP,
        /** STARTTLS, which the server must offer. */
        SMTP_STARTTLS,
        /** STARTTLS where the server offers it. */
        SMTP_STARTTLS_IF_OFFERED,
        /** TLS from the first octet. */
        SMTPS
    }

    /** {@return the upstream, without the TLS of a bundle} */
    @Nullable
    Upstream settings(Faults faults) {
        Upstream server = server(faults);
        DeliveryLimits limited = limits.settings(faults.in("limits"));
        if (server == null) {
            return null;
        }
        return Group.of(server, faults)
                .when(!ssl.verifyHostName, Upstream::withoutHostNameCheck)
                .with("pool", Upstream::pool, pool.settings(faults.in("pool")))
                .with("circuit", Upstream::circuit, circuit.settings(faults.in("circuit")))
                .with("timeouts", Upstream::timeouts, timeouts.settings(faults.in("timeouts")))
                .when(limits.given(), before -> before.limits(limited))
                .settings();
    }

    private @Nullable Upstream server(Faults faults) {
        if ((uri == null) == (host == null)) {
            faults.add("", "needs either uri or host");
            return null;
        }
        if ((username == null) != (password == null)) {
            faults.add("", "needs username and password, or none of them");
            return null;
        }
        try {
            Upstream server = uri == null ? fromHost() : fromUri(uri);
            return username == null || password == null ? server : server.login(username, password);
        } catch (IllegalArgumentException | IllegalStateException e) {
            faults.add("", String.valueOf(e.getMessage())); // of the group: its value is shown, the URI has a password
            return null;
        }
    }

    private Upstream fromUri(String text) {
        return allowPlaintextAuth ? Upstream.ofPlaintextAuth(text) : Upstream.of(text);
    }

    private Upstream fromHost() {
        String name = String.valueOf(host);
        Upstream server = switch (protocol) {
            case SMTP -> Upstream.smtp(name, portOr(25));
            case SMTP_STARTTLS -> Upstream.startTls(name, portOr(587));
            case SMTP_STARTTLS_IF_OFFERED -> Upstream.startTlsIfOffered(name, portOr(587));
            case SMTPS -> Upstream.smtps(name, portOr(465));
        };
        return allowPlaintextAuth ? server.allowPlaintextAuth() : server;
    }

    private int portOr(int usual) {
        return port == null ? usual : port;
    }

    /** Without credentials. */
    @Override
    public String toString() {
        return host == null ? "uri, masked" : host;
    }

    /**
     * TLS towards a server.
     *
     * @param bundle Name of the bundle below spring.ssl.bundle that says who is trusted, and may have a client certificate.
     *     Default: the JVM's trust.
     * @param verifyHostName Whether the certificate must be for the host.
     */
    record Ssl(
            @Nullable String bundle, @DefaultValue("true") boolean verifyHostName) {}

    /**
     * How many connections there are, and for how long.
     *
     * @param min Connections that are kept open also when there are no messages.
     * @param max Most connections at a time.
     * @param maxWait How long a message waits for a free connection.
     * @param maxIdle How long a connection above the minimum is kept for the next message.
     * @param maxMessages Most messages of a connection.
     * @param maxAge After which time a connection has done its share.
     */
    record Pool(
            @DefaultValue("0") int min,
            @DefaultValue("100") int max,
            @DefaultValue("30s") Duration maxWait,
            @DefaultValue("60s") Duration maxIdle,
            @DefaultValue("1000") int maxMessages,
            @DefaultValue("10m") Duration maxAge) {

        PoolSettings settings(Faults faults) {
            return Group.of(PoolSettings.defaults(), faults)
                    .with("max", before -> before.withConnections(min, max))
                    .with("maxWait", PoolSettings::withMaxWait, maxWait)
                    .with("maxIdle", PoolSettings::withMaxIdle, maxIdle)
                    .with("maxMessages", PoolSettings::withMaxMessages, maxMessages)
                    .with("maxAge", PoolSettings::withMaxAge, maxAge)
                    .settings();
        }
    }

    /**
     * When a server is left alone for a while.
     *
     * @param failures How many attempts to connect must have failed in a row; -1 for never.
     * @param firstPause Until the first message tries the server again; each one that fails doubles the pause.
     * @param longestPause Pause that all pauses grow to.
     */
    record Circuit(
            @DefaultValue("5") int failures,
            @DefaultValue("50ms") Duration firstPause,
            @DefaultValue("1s") Duration longestPause) {

        CircuitSettings settings(Faults faults) {
            return Group.of(CircuitSettings.defaults(), faults)
                    .with("failures", CircuitSettings::withFailures, Group.orUnlimited(failures))
                    .with("firstPause", before -> before.withPauses(firstPause, longestPause))
                    .settings();
        }
    }

    /**
     * How long a server may take, step by step.
     *
     * @param connect To connect to one address of it, and again for the TLS handshake.
     * @param greeting For the greeting.
     * @param command For each of EHLO, STARTTLS, the steps of AUTH, RSET and NOOP.
     * @param mail For the reply to MAIL.
     * @param rcpt For each reply to RCPT.
     * @param dataInitiation For the reply to DATA.
     * @param dataBlock To take one block of the content.
     * @param dataTermination For the reply to the content's end.
     * @param delivery For all of it together.
     */
    record Timeouts(
            @DefaultValue("30s") Duration connect,
            @DefaultValue("1m") Duration greeting,
            @DefaultValue("1m") Duration command,
            @DefaultValue("2m") Duration mail,
            @DefaultValue("2m") Duration rcpt,
            @DefaultValue("1m") Duration dataInitiation,
            @DefaultValue("2m") Duration dataBlock,
            @DefaultValue("5m") Duration dataTermination,
            @DefaultValue("9m") Duration delivery) {

        UpstreamTimeouts settings(Faults faults) {
            return Group.of(UpstreamTimeouts.defaults(), faults)
                    .with("connect", UpstreamTimeouts::withConnect, connect)
                    .with("greeting", UpstreamTimeouts::withGreeting, greeting)
                    .with("command", UpstreamTimeouts::withCommand, command)
                    .with("mail", UpstreamTimeouts::withMail, mail)
                    .with("rcpt", UpstreamTimeouts::withRcpt, rcpt)
                    .with("dataInitiation", UpstreamTimeouts::withDataInitiation, dataInitiation)
                    .with("dataBlock", UpstreamTimeouts::withDataBlock, dataBlock)
                    .with("dataTermination", UpstreamTimeouts::withDataTermination, dataTermination)
                    .with("delivery", UpstreamTimeouts::withDelivery, delivery)
                    .settings();
        }
    }

    /**
     * How much a server may be given. -1 is without limit.
     *
     * @param messages Most messages of a period.
     * @param messagesPeriod Period of messages.
     * @param messagesAtOnce Most messages that are being delivered at the same time.
     * @param recipients Most recipients of a period.
     * @param recipientsPeriod Period of recipients.
     * @param maxWait How long a message may wait for its turn.
     */
    record Limits(
            @DefaultValue("-1") int messages,
            @DefaultValue("1m") Duration messagesPeriod,
            @DefaultValue("-1") int messagesAtOnce,
            @DefaultValue("-1") int recipients,
            @DefaultValue("1m") Duration recipientsPeriod,
            @DefaultValue("10s") Duration maxWait) {

        private boolean given() {
            return messagesAtOnce != -1 || messages != -1 || recipients != -1;
        }

        private DeliveryLimits settings(Faults faults) {
            return Group.of(DeliveryLimits.none(), faults)
                    .with("messagesAtOnce", DeliveryLimits::withMessagesAtOnce, Group.orUnlimited(messagesAtOnce))
                    .with("messages", before -> before.withMessages(Group.orUnlimited(messages), messagesPeriod))
                    .with(
                            "recipients",
                            before -> before.withRecipients(Group.orUnlimited(recipients), recipientsPeriod))
                    .with("maxWait", DeliveryLimits::withWait, maxWait)
                    .settings();
        }
    }
}
