package dev.postern.jwt;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Requests with a limit of time and octets for all of the answer; redirects are not followed. For any thread. */
final class Http {

    private static final int MAX_OCTETS = 256 * 1024;
    private static final int OK = 200;

    private final HttpClient client;
    private final Duration timeout;

    Http(@Nullable SSLContext tls, Duration timeout) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .connectTimeout(timeout)
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER);
        this.client = (tls == null ? builder : builder.sslContext(tls)).build();
        this.timeout = timeout;
    }

    HttpRequest.Builder request(URI uri) {
        return HttpRequest.newBuilder(uri).timeout(timeout).header("Accept", "application/json");
    }

    /** Sends; what is not 200 is a failure. */
    CompletableFuture<byte[]> send(HttpRequest request) {
        CompletableFuture<HttpResponse<byte[]>> sent = client.sendAsync(request, response -> new LimitedBody());
        CompletableFuture<byte[]> body = sent.thenCompose(response -> response.statusCode() == OK
                ? CompletableFuture.completedFuture(response.body())
                : CompletableFuture.failedFuture(new IOException("HTTP status " + response.statusCode())));
        return body.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS).whenComplete((octets, failure) -> {
            if (failure != null) {
                sent.cancel(true);
            }
        });
    }

    /** Waits for an answer that somebody may have asked for already. */
    <T> T await(CompletableFuture<T> answer, URI uri) throws UnavailableException {
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new UnavailableException(uri + ": " + e.getCause());
        } catch (TimeoutException e) {
            throw new UnavailableException(uri + ": no answer in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException(uri + ": interrupted");
        }
    }

    /** A body that is not too long. Used by one thread at a time. */
    private static final class LimitedBody implements HttpResponse.BodySubscriber<byte[]> {

        private final CompletableFuture<byte[]> body = new CompletableFuture<>();
        private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
        private Flow.@Nullable Subscription subscription;

        @Override
        public CompletionStage<byte[]> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> blocks) {
            for (ByteBuffer block : blocks) {
                if (octets.size() + block.remaining() > MAX_OCTETS) {
                    body.completeExceptionally(new IOException("more than " + MAX_OCTETS + " octets"));
                    if (subscription != null) {
                        subscription.cancel();
                    }
                    return;
                }
                byte[] part = new byte[block.remaining()];
                block.get(part);
                octets.writeBytes(part);
            }
        }

        @Override
        public void onError(Throwable failure) {
            body.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            body.complete(octets.toByteArray());
        }
    }
}
