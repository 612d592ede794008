package dev.postern.examples.clients;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.mail.LoginOption;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.MailResult;
import io.vertx.ext.mail.SMTPException;
import io.vertx.ext.mail.StartTLSOptions;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** Vert.x' mail client: a pool of connections. */
public final class VertxSender implements Sender {

    private final MailClient client;

    public VertxSender(Vertx vertx, String host, int port, String user, String password) {
        this.client = MailClient.create(
                vertx,
                new MailConfig()
                        .setHostname(host)
                        .setPort(port)
                        .setStarttls(StartTLSOptions.REQUIRED)
                        .setLogin(LoginOption.REQUIRED)
                        .setAuthMethods("PLAIN")
                        .setUsername(user)
                        .setPassword(password)
                        .setMaxPoolSize(10) // at most the relay's sessions of a user
                        .setMaxMailsPerConnection(20)); // at most the relay's messages of a session
    }

    public Future<MailResult> start(Mail mail) {
        return client.sendMail(new MailMessage()
                .setFrom(mail.from())
                .setTo(mail.to())
                .setSubject(mail.subject())
                .setText(mail.text()));
    }

    /** For callers that may wait: never on an event loop. */
    @Override
    public void send(Mail mail) {
        start(mail).toCompletionStage().toCompletableFuture().join();
    }

    // DOC vertx
    /** There are getReplyCode() and getEnhancedStatus(), too; a reply of several lines has getReplyMessages(). */
    @Override
    public Optional<Refusal> refusal(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof SMTPException smtp ? Refusal.in(smtp.getReplyMessage()) : Optional.empty();
    }
    // end

    @Override
    public void close() {
        client.close().toCompletionStage().toCompletableFuture().join();
    }
}
