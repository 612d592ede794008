package dev.postern.spool;

import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.StandardReply;
import dev.postern.spool.Notification.Action;
import dev.postern.spool.SpooledMessage.Progress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The part of a notice that people read. */
final class NoticeText {

    private static final int WIDTH = 72;
    private static final Pattern REPLY = Pattern.compile("([245]\\d\\d) (.*)");
    private static final Map<String, String> MEANINGS = Map.ofEntries(
            Map.entry("1.1", "There is no such mailbox. Check the address for a typing error."),
            Map.entry("1.2", "There is no such domain. Check the part behind the @ for a typing error."),
            Map.entry("1.3", "The address is not well-formed. Check it for a typing error."),
            Map.entry("1.6", "The mailbox has moved. Ask the recipient for the new address."),
            Map.entry("1.10", "The domain takes no mail. Check the part behind the @ for a typing error."),
            Map.entry("2.1", "The mailbox is disabled. Reach the recipient in another way."),
            Map.entry("2.2", "The mailbox is full. Reach the recipient in another way, or send it again later."),
            Map.entry("2.3", "The message is larger than the mailbox takes. Make it smaller."),
            Map.entry("3.4", "The message is larger than the server takes. Make it smaller."),
            Map.entry("4.6", "The message went in circles. Tell your administrator."),
            Map.entry("4.7", "It could not be delivered within the time that it is tried."),
            Map.entry("6.3", "The server cannot take the message as it is encoded. Send it as plain text."),
            Map.entry("7.1", "The server's rules do not allow this message. Ask the recipient's administrator."),
            Map.entry("7.26", "The message's origin could not be verified. Tell your administrator."));

    private NoticeText() {}

    static void write(StringBuilder out, Action action, Stored message, Map<Integer, Progress> about, Common common) {
        String addresses = (about.size() == 1 ? "the address" : "the addresses") + " below";
        line(out, "This is the mail relay at " + common.settings().hostName() + ".");
        line(out, "");
        String what = switch (action) {
            case FAILED -> "Your message could not be delivered to " + addresses + ". It is not tried any more.";
            case DELAYED -> {
                Duration left = Duration.ofMillis(message.givesUpAt(common.settings()) - common.nowMillis());
                yield "Your message has not been delivered yet to " + addresses + ". It is tried again for the next "
                        + words(left) + ". You need not do anything, and need not send it again.";
            }
            case RELAYED ->
                "Your message was passed on for " + addresses + ", to a server that will not report its delivery.";
        };
        wrapped(out, "", what);
        about.values().forEach(progress -> write(out, progress));
    }

    private static void write(StringBuilder out, Progress progress) {
        line(out, "");
        line(out, "  <" + progress.recipient().address() + ">");
        if (progress.reply().startsWith(Notification.EXPIRED)) {
            line(out, "    The time within which it is tried is over.");
        } else if (progress.reply().startsWith(Notification.STOPPED)) {
            line(out, "    The operator of this relay has given it up.");
        }
        String last = Notification.lastWord(progress.reply());
        if (!last.isEmpty()) {
            Matcher reply = REPLY.matcher(last);
            wrapped(out, "    ", (reply.matches() ? "The server answered: " : "What happened: ") + last);
            help(last).ifPresent(help -> wrapped(out, "    ", help));
        }
    }

    /** What the catalogue says of one of our replies, else what the status of another server's means. */
    private static Optional<String> help(String answer) {
        Matcher reply = REPLY.matcher(answer);
        if (!reply.matches()) {
            return Optional.empty();
        }
        int code = Integer.parseInt(reply.group(1));
        for (StandardReply standard : StandardReply.values()) {
            if (code >= 400 && standard.matches(code, reply.group(2))) {
                return Optional.of("That means: " + standard.meaning() + ". " + standard.advice() + ".");
            }
        }
        return EnhancedStatus.leading(reply.group(2))
                .map(status -> MEANINGS.get(status.subject() + "." + status.detail()));
    }

    private static String words(Duration time) {
        long hours = Math.max(0, time.toHours());
        if (hours < 1) {
            return Math.max(1, time.toMinutes()) + " minutes";
        }
        return hours < 48 ? hours + " hours" : time.toDays() + " days";
    }

    private static void wrapped(StringBuilder out, String indent, String text) {
        StringBuilder line = new StringBuilder(indent);
        for (String word : text.split(" ")) {
            if (line.length() + word.length() > WIDTH && line.length() > indent.length()) {
                line(out, line.toString().stripTrailing());
                line = new StringBuilder(indent);
            }
            line.append(word).append(' ');
        }
        line(out, line.toString().stripTrailing());
    }

    private static void line(StringBuilder out, String line) {
        out.append(line).append("\r\n");
    }
}
