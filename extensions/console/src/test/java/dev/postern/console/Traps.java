package dev.postern.console;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jsoup.Jsoup;

/** Small pieces of HTML, each of which asks a server for something in one way, where a browser lets it. */
final class Traps {

    private static final List<String> ALL = all();
    private static final List<String> CHARSETS =
            List.of("utf-8", "utf-16", "utf-16le", "iso-2022-jp", "iso-2022-kr", "shift_jis", "utf-32", "ibm1047");

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

    /**
     * Mails that have all of them: ten together where each leaves room for the next one, the others alone. The first one of a mail
     * is in each place that is shown. Each mail's HTML is in one charset or another.
     */
    static List<String> mails(IntFunction<String> hits) {
        List<String> mails = new ArrayList<>();
        List<Integer> together = new ArrayList<>();
        for (int trap = 0; trap < ALL.size(); trap++) {
            String html = html(trap, hits.apply(trap));
            boolean isAlone = Jsoup.parseBodyFragment(html + "<hr id=next>")
                    .select("body > #next")
                    .isEmpty();
            if (isAlone) {
                mails.add(mail(mails.size(), html, html));
            } else {
                together.add(trap);
            }
        }
        for (int from = 0; from < together.size(); from += 10) {
            List<String> html = together.subList(from, Math.min(from + 10, together.size())).stream()
                    .map(trap -> html(trap, hits.apply(trap)))
                    .toList();
            mails.add(mail(mails.size(), html.get(0), String.join("\n", html)));
        }
        return mails;
    }

    private static String mail(int number, String first, String html) {
        Charset charset = Charset.forName(CHARSETS.get(number % CHARSETS.size()));
        String text = base64(first, StandardCharsets.UTF_8);
        String word = "=?utf-8?b?" + Base64.getEncoder().encodeToString(first.getBytes(StandardCharsets.UTF_8)) + "?=";
        String head = "Content-Transfer-Encoding: base64\r\n\r\n";
        return "From: " + word + " <ann@example.org>\r\nTo: " + word + "\r\nSubject: trap " + number + " " + word
                + "\r\nX-Trap: " + first + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                + "--b\r\nContent-Type: text/plain; charset=utf-8\r\n" + head + text
                + "\r\n--b\r\nContent-Type: text/html; charset=" + charset.name() + "\r\n" + head
                + base64(html, charset)
                + "\r\n"
                + "--b\r\n"
                + "Content-Type: text/html\r\n"
                + "Content-ID: <trap>\r\n"
                + "Content-Disposition: attachment; filename=\""
                + word + "\"\r\n" + head + text + "\r\n--b--\r\n";
    }

    private static String base64(String text, Charset charset) {
        return Base64.getMimeEncoder().encodeToString(text.getBytes(charset));
    }
}
