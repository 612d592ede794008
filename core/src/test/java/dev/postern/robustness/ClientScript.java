package dev.postern.robustness;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Makes up what a client says. It goes through a session in order often enough to come to every state, and leaves the
 * order, the grammar and the text wherever chance has it. Octets are characters of ISO 8859-1 here.
 */
final class ClientScript {

    static final String USER = "alice@client.test";
    static final String PASSWORD = "secret";

    /** What makes two readers see different things: separators, line ends, and letters that fold to ASCII ones. */
    private static final List<String> NASTY = List.of(
            "\0",
            "\r",
            "\n",
            "\r\n",
            "\t",
            " ",
            "  ",
            "<",
            ">",
            "\"",
            "\\",
            "@",
            ",",
            ":",
            "%",
            "=",
            "+",
            "+0A",
            ".",
            "..",
            "-",
            "[",
            "]",
            ";",
            "*",
            "\u007f",
            "\u001b",
            "\u0080",
            "\u00ff",
            utf8("\u017f"),
            utf8("\u0131"),
            utf8("\u212a"),
            utf8("\u2028"),
            utf8("\u0085"),
            utf8("\u00e9"),
            utf8("\ud83d\ude00"),
            utf8("\uff0e"),
            utf8("\u760d\u760a"));

    private static final List<String> ADDRESSES = List.of(
            USER,
            "Postmaster",
            "bob@dest.test",
            "carol@dest.test",
            "\"d e\"@dest.test",
            "\"a\\\"b\"@dest.test",
            "x@[192.0.2.1]",
            "y@[IPv6:2001:db8::1]",
            "a.b+c@sub.dest.test",
            "@hop.test,@hop2.test:bob@dest.test",
            "",
            "bob",
            "bob@",
            "@dest.test",
            "b..b@dest.test",
            utf8("j\u00f6rg@dest.test"),
            utf8("bob@d\u00e9st.test"));

    private static final List<String> MAIL_PARAMETERS = List.of(
            "SIZE=10",
            "SIZE=99999",
            "SIZE=99999999999999999999",
            "BODY=8BITMIME",
            "BODY=7BIT",
            "BODY=BINARYMIME",
            "SMTPUTF8",
            "AUTH=<>",
            "AUTH=e+3Dmc2@example.com",
            "RET=FULL",
            "RET=HDRS",
            "ENVID=QQ314159",
            "ENVID=a+0Ab",
            utf8("RET=HDR\u017f"),
            utf8("BODY=8B\u0131TMIME"),
            utf8("\u017fIZE=10"),
            "X=Y",
            "=",
            "SIZE",
            "SIZE=");

    private static final List<String> RCPT_PARAMETERS = List.of(
            "NOTIFY=NEVER",
            "NOTIFY=SUCCESS,FAILURE",
            utf8("NOTIFY=\u017fUCCESS"),
            "NOTIFY=NEVER,DELAY",
            "ORCPT=rfc822;bob@dest.test",
            "ORCPT=rfc822;bob+0Ddest",
            "ORCPT=;x",
            "SIZE=1",
            "NOTIFY=");

    private static final List<String> OTHERS = List.of(
            "NOOP",
            "NOOP x",
            "HELP",
            "VRFY bob",
            "VRFY",
            "EXPN list",
            "RSET",
            "RSET now",
            "ETRN x",
            "TURN",
            "*",
            "",
            " ",
            "FROB",
            "STARTTLS x",
            "AUTH",
            "AUTH PLAIN",
            "AUTH LOGIN",
            "AUTH LOGIN YWxpY2VAY2xpZW50LnRlc3Q=",
            "AUTH PLAIN =",
            "AUTH CRAM-MD5",
            "AUTH PLAIN AGEAYg==",
            "AUTH PLAIN !!!!",
            "GET / HTTP/1.1",
            "QUIT now",
            "DATA x",
            "BDAT",
            "BDAT -1",
            "BDAT 1 2",
            "BDAT 0",
            "BDAT 0 LAST",
            "BDAT 99999999999999999999",
            "EHLO",
            "HELO",
            "HELO a b",
            "MAIL",
            "RCPT",
            "MAIL FROM:",
            "RCPT TO:",
            "\u0016\u0003\u0001\u0002");

    private static final String HEADER = "From: " + USER + "\r\nSubject: fuzz\r\n";

    private final SplittableRandom random;
    private final double chaos;

    // what the client believes of the session
    private boolean greeted;
    private boolean loggedIn;
    private boolean sender;
    private int recipients;

    ClientScript(SplittableRandom random) {
        this.random = random;
        this.chaos = random.nextDouble() * random.nextDouble();
    }

    // what the client says

    /** The next command line with its end; the octets of a BDAT chunk come with it. */
    String command() {
        String command = chance(chaos) ? anyCommand() : nextCommand();
        String line = chance(chaos / 4) ? mutated(command) : command;
        String end = chance(chaos / 10) ? pick(List.of("\n", "\r", "\r\r\n", "\0\r\n", "")) : "\r\n";
        return line + end + chunkFor(line);
    }

    /** Content of DATA, or a part of it; with its end most of the time. */
    String content() {
        String content = chance(0.7) ? message() : mutated(message());
        String stuffed = chance(0.9) ? content.replace("\r\n.", "\r\n..") : content;
        return stuffed + (chance(0.9) ? "\r\n.\r\n" : "");
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    // what the client learns; one that does not wait for replies tells itself that all went well

    void heard(String line, int code) {
        String verb = line.length() < 4 ? "" : line.substring(0, 4).toUpperCase(Locale.ROOT);
        boolean good = code / 100 == 2;
        switch (verb) {
            case "EHLO", "HELO" -> {
                greeted |= good;
                sender &= !good;
            }
            case "AUTH" -> loggedIn |= code == 235;
            case "MAIL" -> {
                sender |= good;
                recipients = good ? 0 : recipients;
            }
            case "RCPT" -> recipients += good ? 1 : 0;
            case "RSET" -> sender &= !good;
            default -> {}
        }
    }

    void messageEnded() {
        sender = false;
        recipients = 0;
    }

    void encrypted() {
        greeted = false;
        loggedIn = false;
        messageEnded();
    }

    // pieces

    private String nextCommand() {
        if (!greeted) {
            return "EHLO client.test";
        }
        if (!loggedIn) {
            return "AUTH PLAIN " + base64("\0" + USER + "\0" + PASSWORD);
        }
        if (!sender) {
            return "MAIL FROM:<" + (chance(0.9) ? USER : pick(ADDRESSES)) + ">" + parameters(MAIL_PARAMETERS);
        }
        if (recipients == 0 || chance(0.3)) {
            return "RCPT TO:<" + (chance(0.7) ? "bob@dest.test" : pick(ADDRESSES)) + ">" + parameters(RCPT_PARAMETERS);
        }
        return chance(0.5) ? "DATA" : bdat();
    }

    private String anyCommand() {
        return switch (random.nextInt(12)) {
            case 0 -> "EHLO client.test";
            case 1 -> "MAIL FROM:<" + pick(ADDRESSES) + ">" + parameters(MAIL_PARAMETERS);
            case 2 -> "RCPT TO:<" + pick(ADDRESSES) + ">" + parameters(RCPT_PARAMETERS);
            case 3 -> "DATA";
            case 4 -> bdat();
            case 5 -> chance(0.2) ? "QUIT" : "RSET";
            case 6 -> chance(0.2) ? "STARTTLS" : "NOOP";
            case 7 -> octets(random.nextInt(chance(0.1) ? 20_000 : 60));
            case 8 -> base64(chance(0.5) ? USER : PASSWORD);
            case 9 -> pick(OTHERS) + " " + "x".repeat(random.nextInt(1500));
            default -> pick(OTHERS);
        };
    }

    private String bdat() {
        int size = chance(0.2) ? random.nextInt(4) : random.nextInt(3000);
        return "BDAT " + size + (chance(0.7) ? chance(0.5) ? " LAST" : " last" : "");
    }

    /** What a chunk of the announced size holds; not always that much, and no more than a client could have meant. */
    private String chunkFor(String line) {
        String[] words = line.split(" ", 3);
        if (words.length < 2 || !words[0].equalsIgnoreCase("BDAT") || !words[1].matches("[0-9]{1,5}")) {
            return "";
        }
        int size = Integer.parseInt(words[1]);
        String content = chance(0.8) ? message() : mutated(message());
        String filled = content.length() >= size ? content.substring(0, size) : filledUp(content, size);
        return chance(chaos / 10) ? filled.substring(random.nextInt(filled.length() + 1)) : filled;
    }

    private String filledUp(String content, int size) {
        String filler = "A line of thirty octets, even.\r\n";
        StringBuilder text = new StringBuilder(content);
        while (text.length() < size) {
            text.append(filler, 0, Math.min(filler.length(), size - text.length()));
        }
        return text.toString();
    }

    private String parameters(List<String> from) {
        StringBuilder parameters = new StringBuilder();
        while (chance(0.2)) {
            parameters.append(' ').append(pick(from));
        }
        return parameters.toString();
    }

    private String message() {
        StringBuilder text = new StringBuilder(chance(0.9) ? HEADER : pick(NASTY));
        if (chance(0.1)) {
            text.append("Bcc: hidden@dest.test,\r\n more@dest.test\r\n");
        }
        text.append("\r\n");
        for (int lines = random.nextInt(6); lines > 0; lines--) {
            text.append(chance(0.2) ? "." : "");
            text.append("x".repeat(chance(0.02) ? random.nextInt(40_000) : random.nextInt(80)));
            text.append(chance(0.02) ? pick(NASTY) : "");
            text.append(chance(0.05) ? "\n" : "\r\n");
        }
        return text.toString();
    }

    String mutated(String text) {
        StringBuilder mutant = new StringBuilder(text);
        do {
            int at = random.nextInt(mutant.length() + 1);
            int end = Math.min(mutant.length(), at + random.nextInt(1, 8));
            switch (random.nextInt(6)) {
                case 0 -> mutant.delete(at, end);
                case 1 -> mutant.insert(at, mutant.substring(at, end));
                case 2 -> mutant.replace(at, Math.min(at + 1, mutant.length()), octets(1));
                case 3 -> mutant.setLength(at);
                case 4 -> mutant.replace(at, end, mutant.substring(at, end).toUpperCase(Locale.ROOT));
                default -> mutant.insert(at, pick(NASTY));
            }
        } while (chance(0.4));
        return mutant.toString();
    }

    private String octets(int count) {
        byte[] octets = new byte[count];
        random.nextBytes(octets);
        return new String(octets, StandardCharsets.ISO_8859_1);
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The octets of a text in UTF-8, as characters. */
    static String utf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
