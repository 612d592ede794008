package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads replies by the letter of RFC 5321 section 4.2 and RFC 2034 section 4. */
final class ReplyForm {

    private static final Pattern LINE = Pattern.compile("([2-5][0-5][0-9])([ -])([ -~]*)");
    private static final Pattern STATUS = Pattern.compile("([245])\\.[0-9]{1,3}\\.[0-9]{1,3} .*");

    private ReplyForm() {}

    /** Splits what a server said into replies; the last must be whole, unless the connection was lost. */
    static List<String> split(String octets, boolean lost) {
        List<String> replies = new ArrayList<>();
        StringBuilder reply = new StringBuilder();
        int start = 0;
        for (int end = octets.indexOf("\r\n"); end >= 0; end = octets.indexOf("\r\n", start)) {
            String line = octets.substring(start, end);
            Matcher matcher = LINE.matcher(line);
            assertThat(matcher.matches() && line.length() <= 510)
                    .as("a reply line: \"%s\"", line)
                    .isTrue();
            assertThat(reply.isEmpty() || reply.indexOf(matcher.group(1)) == 0)
                    .as("one code in all lines: %s%s", reply, line)
                    .isTrue();
            assertStatus(matcher.group(1), matcher.group(3), replies.isEmpty());
            reply.append(line).append("\r\n");
            if (matcher.group(2).equals(" ")) {
                replies.add(reply.toString());
                reply.setLength(0);
            }
            start = end + 2;
        }
        if (!lost) {
            assertThat(reply + octets.substring(start))
                    .as("a reply without its end")
                    .isEmpty();
        }
        return replies;
    }

    static int code(String reply) {
        return Integer.parseInt(reply.substring(0, 3));
    }

    private static void assertStatus(String code, String text, boolean first) {
        Matcher status = STATUS.matcher(text);
        boolean there = status.matches();
        if (there) {
            assertThat(status.group(1))
                    .as("class of the enhanced status of %s", text)
                    .isEqualTo(code.substring(0, 1));
        } else {
            // the greeting, EHLO and HELO have none, nor have the replies that ask for more
            assertThat(first || code.charAt(0) == '3' || code.equals("250") || code.equals("214") || code.equals("220"))
                    .as("reply without enhanced status: %s %s", code, text)
                    .isTrue();
        }
    }
}
