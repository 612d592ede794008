package dev.postern.console;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/** Small pieces of HTML, each of which asks a server for something in one way, where a browser lets it. */
final class Traps {

    private static final List<String> ALL = all();

    private Traps() {}

    private static List<String> all() {
        try (InputStream in = Objects.requireNonNull(Traps.class.getResourceAsStream("traps.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static int number() {
        return ALL.size();
    }

    /** One that asks for this address. */
    static String html(int trap, String hit) {
        return ALL.get(trap).replace("JS", "new Image().src='" + hit + "'").replace("HIT", hit);
    }

    /** It is in each place of a mail that is shown; what is one line, and of US-ASCII, may be a field's value. */
    static String mail(int trap, String hit) {
        String html = html(trap, hit);
        String encoded = Base64.getMimeEncoder().encodeToString(html.getBytes(StandardCharsets.UTF_8));
        String word = "=?utf-8?b?" + Base64.getEncoder().encodeToString(html.getBytes(StandardCharsets.UTF_8)) + "?=";
        String head = "Content-Transfer-Encoding: base64\r\n\r\n";
        return "From: " + word + " <ann@example.org>\r\nTo: " + word + "\r\nSubject: trap " + trap + " " + word
                + "\r\nX-Trap: " + html + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                + "--b\r\nContent-Type: text/plain; charset=utf-8\r\n" + head + encoded
                + "\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n" + head + encoded
                + "\r\n--b\r\nContent-Type: text/html\r\nContent-ID: <trap>\r\nContent-Disposition: attachment; filename=\""
                + word + "\"\r\n" + head + encoded + "\r\n--b--\r\n";
    }
}
