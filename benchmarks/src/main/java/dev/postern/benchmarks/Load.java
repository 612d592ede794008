package dev.postern.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages to be sent.
 *
 * @param target to whom
 * @param sessions clients at the same time
 * @param messages in all
 * @param perSession messages of a connection, 0 for as many as there are
 * @param recipients of each message; the first one names the message
 * @param octets of each message's content, header included
 * @param bdat by BDAT (RFC 3030), else by DATA
 */
record Load(Target target, int sessions, int messages, int perSession, int recipients, int octets, boolean bdat) {

    private static final String TEXT = "The quick brown fox jumps over the lazy dog, and does so in every line.\r\n";

    Load {
        if (sessions < 1 || messages < 1 || perSession < 0 || recipients < 1 || octets < 0) {
            throw new IllegalArgumentException("sessions, messages and recipients must be 1 or more");
        }
    }

    /** The name of a message, by which the sink knows it. */
    static String name(int number) {
        return "m" + number;
    }

    List<String> recipients(int number) {
        List<String> all = new ArrayList<>();
        all.add(name(number) + "@example.net");
        for (int i = 2; i <= recipients; i++) {
            all.add("r" + i + "@example.net");
        }
        return all;
    }

    /** The content that all messages have; ends with CRLF, and no line begins with a dot. */
    byte[] content() {
        StringBuilder content = new StringBuilder("From: <" + target.user() + ">\r\nTo: <bob@example.net>\r\n"
                + "Subject: load\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <load@example.org>\r\n\r\n");
        while (content.length() < octets) {
            content.append(TEXT, 0, Math.min(TEXT.length(), Math.max(3, octets - content.length())));
        }
        if (content.charAt(content.length() - 1) != '\n') {
            content.replace(content.length() - 2, content.length(), "\r\n");
        }
        return content.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
