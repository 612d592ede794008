package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A client of the endpoints, which holds each answer to the OpenAPI file. Safe for use by several threads. */
final class Client {

    private final HttpClient http = HttpClient.newHttpClient();
    private final InetSocketAddress server;

    Client(InetSocketAddress server) {
        this.server = server;
    }

    /** What was answered. */
    record Answer(int status, HttpResponse<String> response) {
        JsonObject json() {
            return JsonParser.parseString(response.body()).getAsJsonObject();
        }

        String text(String member) {
            return json().get(member).getAsString();
        }
    }

    /** Asks what the file knows. */
    Answer ask(String method, String target, String... headers) {
        Answer answer = askUnknown(method, target, headers);
        String path = target.replaceFirst("\\?.*", "").replaceFirst("^/(sessions|spool)/(?!suspens).*", "/$1/{id}");
        OpenApi.check(
                method.toLowerCase(Locale.ROOT),
                path,
                answer.status,
                answer.response.headers().firstValue("Content-Type").orElse(""),
                answer.response.body());
        return answer;
    }

    Answer askUnknown(String method, String target, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.getPort() + target))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
            return new Answer(response.statusCode(), response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes octets as they are, and returns the status line of the answer; empty when there is none. */
    String raw(String request) throws IOException {
        try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .replaceFirst("\r\n(?s:.*)", "");
        }
    }
}
