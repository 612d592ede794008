package dev.postern.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.util.Locale;
import java.util.Objects;

/** One client of the sink. */
final class SinkSession implements Runnable, Closeable {

    private enum State {
        OPEN,
        /** Muted: reads, and answers nothing any more. */
        MUTE,
        ENDED
    }

    private final Sink sink;
    private final Wire wire;
    private State state = State.OPEN;
    private boolean encrypted;
    private String firstRecipient = "";

    SinkSession(Sink sink, Wire wire) {
        this.sink = sink;
        this.wire = wire;
    }

    @Override
    public void run() {
        try (this) {
            if (sink.settings().mode() == TlsMode.IMPLICIT) {
                startTls();
            }
            answer("220 sink.example ESMTP");
            while (state != State.ENDED) {
                if (!wire.hasInput()) {
                    wire.flush(); // replies to a group leave together
                }
                command(wire.line());
            }
            wire.flush();
        } catch (IOException e) {
            return; // the client has gone, or the sink has crashed
        } finally {
            sink.ended(this);
        }
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }

    private void command(String line) throws IOException {
        String[] words = line.split(" ", 3);
        switch (words[0].toUpperCase(Locale.ROOT)) {
            case "EHLO" -> capabilities();
            case "STARTTLS" -> {
                answer("220 2.0.0 Go ahead");
                wire.flush();
                startTls();
            }
            case "AUTH" -> answer("235 2.7.0 Welcome"); // PLAIN with an initial response; anybody may
            case "MAIL", "RSET" -> {
                firstRecipient = "";
                answer("250 2.0.0 Ok");
            }
            case "RCPT" -> {
                firstRecipient = firstRecipient.isEmpty() ? localPart(line) : firstRecipient;
                answer("250 2.1.5 Ok");
            }
            case "DATA" -> {
                answer("354 Go ahead");
                wire.flush();
                if (state == State.OPEN) { // else the client still waits, and what it sends next is no content
                    wire.skipContent();
                    arrived();
                }
            }
            case "BDAT" -> {
                wire.skip(Long.parseLong(words[1]));
                if (words.length > 2) { // LAST
                    arrived();
                } else {
                    answer("250 2.0.0 Ok");
                }
            }
            case "QUIT" -> {
                answer("221 2.0.0 Bye");
                state = State.ENDED;
            }
            default -> answer("500 5.5.1 What?");
        }
    }

    private void capabilities() throws IOException {
        Sink.Settings settings = sink.settings();
        answer("250-sink.example");
        answer("250-PIPELINING");
        answer("250-8BITMIME");
        answer("250-SMTPUTF8");
        answer("250-ENHANCEDSTATUSCODES");
        answer("250-AUTH PLAIN");
        if (settings.chunking()) {
            answer("250-CHUNKING");
        }
        if (settings.mode() == TlsMode.STARTTLS && !encrypted) {
            answer("250-STARTTLS");
        }
        answer("250 SIZE 0");
    }

    private void arrived() throws IOException {
        String name = firstRecipient;
        firstRecipient = "";
        sink.arrived(name);
        answer("250 2.0.0 Got it");
    }

    private void startTls() throws IOException {
        wire.startTls(Objects.requireNonNull(sink.settings().tls(), "tls"), false, "client");
        encrypted = true;
    }

    private void answer(String line) throws IOException {
        if (sink.isMute()) {
            state = State.MUTE;
        }
        if (state == State.OPEN) {
            wire.write(line + "\r\n");
        }
    }

    private static String localPart(String line) {
        return line.substring(line.indexOf('<') + 1, line.indexOf('@'));
    }
}
