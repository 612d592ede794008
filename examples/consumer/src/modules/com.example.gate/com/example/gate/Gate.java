package com.example.gate;

import dev.postern.SmtpRelay;
import dev.postern.settings.AuthSettings;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Identity;
import dev.postern.spi.Reply;
import dev.postern.spi.Submission;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Takes one message from itself, and ends. */
final class Gate {

    private static final List<String> DIALOGUE = List.of(
            "EHLO gate.example",
            "MAIL FROM:<ann@shop.example>",
            "RCPT TO:<bob@example.net>",
            "DATA",
            "From: ann@shop.example\r\nSubject: =?utf-8?q?hello?=\r\nContent-Type: text/plain\r\n\r\nhello\r\n.",
            "QUIT");

    private Gate() {}

    public static void main(String... arguments) throws IOException {
        BlockingQueue<String> taken = new LinkedBlockingQueue<>();
        try (SmtpRelay relay = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.defaults().withTrusted("127.0.0.1", Identity.of("ann@shop.example")))
                .delivery(message -> take(message, taken))
                .start()) {
            talk(relay.port());
        }
        if (taken.size() != 1) {
            throw new IllegalStateException("taken: " + taken);
        }
        System.out.println(Gate.class.getModule().getName() + " took a message of " + taken.remove());
    }

    private static DeliveryResult take(Submission message, BlockingQueue<String> taken) {
        taken.add(message.author().orElseThrow().toString());
        return DeliveryResult.accepted("gate", Reply.fromUpstream(250, List.of("taken")));
    }

    private static void talk(int port) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            BufferedReader replies =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            reply(replies);
            for (String line : DIALOGUE) {
                socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
                reply(replies);
            }
        }
    }

    private static void reply(BufferedReader replies) throws IOException {
        String line = replies.readLine();
        while (line != null && line.startsWith("250-")) {
            line = replies.readLine();
        }
        if (line == null || line.charAt(0) > '3') {
            throw new IllegalStateException("replied: " + line);
        }
    }
}
