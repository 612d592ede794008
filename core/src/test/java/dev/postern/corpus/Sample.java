package dev.postern.corpus;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A message that a test sends: a text with {@code |} for line ends and {@code {pad}} where it can be made as large as
 * wanted without becoming another message.
 */
record Sample(String name, String template, String pad) {

    static final String FROM = "From: alice@client.test|";
    private static final String PAD = "{pad}";
    private static final String TEXT_LINE = "x".repeat(76) + "\r\n";

    static Sample of(String name, String template) {
        return new Sample(name, template, TEXT_LINE);
    }

    /** One whose padding stands in base64. */
    static Sample base64(String name, String template) {
        return new Sample(name, template, "QUJD".repeat(19) + "\r\n");
    }

    byte[] small() {
        return ofSize(0);
    }

    /** Makes the message of at most so many octets, and not much less. */
    byte[] ofSize(int octets) {
        String text = template.replace("|", "\r\n");
        int at = text.indexOf(PAD);
        if (at < 0) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        byte[] before = text.substring(0, at).getBytes(StandardCharsets.UTF_8);
        byte[] after = text.substring(at + PAD.length()).getBytes(StandardCharsets.UTF_8);
        int lines = Math.max(0, (octets - before.length - after.length) / pad.length());
        byte[] whole = Arrays.copyOf(before, before.length + lines * pad.length() + after.length);
        byte[] line = pad.getBytes(StandardCharsets.US_ASCII);
        int padded = lines * line.length;
        System.arraycopy(line, 0, whole, before.length, Math.min(line.length, padded));
        for (int done = line.length; done < padded; done *= 2) { // millions of octets, for some
            System.arraycopy(whole, before.length, whole, before.length + done, Math.min(done, padded - done));
        }
        System.arraycopy(after, 0, whole, whole.length - after.length, after.length);
        return whole;
    }

    @Override
    public String toString() {
        return name;
    }
}
