package dev.postern.examples.clients;

import dev.postern.examples.clients.Client.Outcome;
import dev.postern.examples.clients.CommonsNetSender.RefusedException;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import jakarta.mail.MessagingException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.mail.MailSendException;

/** A library of the JVM, by its example. */
final class JvmClient implements Client {

    /** One event loop: what has come to a connection is dealt with before what is asked of the loop thereafter. */
    private static final class SharedVertx {
        static final Vertx INSTANCE = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    }

    private final Sender sender;

    JvmClient(Sender sender) {
        this.sender = sender;
    }

    static Vertx vertx() {
        return SharedVertx.INSTANCE;
    }

    @Override
    public Result send(Mail mail) {
        try {
            sender.send(mail);
            return Result.sent();
        } catch (Exception e) {
            Throwable thrown = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
            String shown = sender.refusal(thrown).map(Refusal::toString).orElse("");
            return new Result(Outcome.REFUSED, names(thrown), shown, Optional.of(thrown));
        }
    }

    /** An exception's name, and those of what it carries. */
    private static String names(Throwable thrown) {
        Throwable carried = carried(thrown);
        if (thrown instanceof RefusedException) { // the example's own
            return carried == null ? "nothing thrown" : names(carried);
        }
        String name = thrown.getClass().getSimpleName();
        return carried == null ? name : name + " > " + names(carried);
    }

    private static @Nullable Throwable carried(Throwable thrown) {
        if (thrown instanceof MailSendException spring && spring.getMessageExceptions().length > 0) {
            return spring.getMessageExceptions()[0];
        }
        return thrown instanceof MessagingException jakarta ? jakarta.getNextException() : thrown.getCause();
    }

    @Override
    public void takeNotice() throws InterruptedException {
        if (sender instanceof VertxSender) {
            CountDownLatch reached = new CountDownLatch(1);
            vertx().runOnContext(nothing -> reached.countDown());
            if (!reached.await(10, TimeUnit.SECONDS)) {
                throw new AssertionError("Vert.x' event loop is blocked");
            }
        }
    }

    @Override
    public void close() {
        sender.close();
    }
}
