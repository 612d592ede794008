package dev.postern.spool;

import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageSigner;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spool.SpooledMessage.Progress;
import dev.postern.spool.SpooledMessage.Status;
import dev.postern.spool.Tables.Fresh;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells senders what became of their messages: multipart/report (RFC 6522) with words for people, a delivery-status for
 * programs (RFC 3464), and what is returned of the message (RFC 3461 section 4.3). There is none about a message with the
 * null reverse-path, so none about another one (RFC 5321 section 4.5.5).
 */
final class Notification {

    /** What stands before the last word about a recipient whose time is over. */
    static final String EXPIRED = "not delivered in time; last: ";

    /** What stands before the last word about a recipient that an operator gave up. */
    static final String STOPPED = "given up by the operator; last: ";

    private static final Logger LOG = LoggerFactory.getLogger(Notification.class);
    private static final int MAX_HEADER = 64 << 10;
    private static final Pattern MESSAGE_ID =
            Pattern.compile("(?im)^Message-ID:[ \\t]*(?:\\r\\n[ \\t]+)?(<[\\x21-\\x7e]{1,900}>)[ \\t]*$");
    private static final Pattern REPLY = Pattern.compile("([245]\\d\\d) (?:([245]\\.\\d{1,3}\\.\\d{1,3}) )?(.*)");
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /** What is told. */
    enum Action {
        FAILED("failed", "Not delivered: "),
        DELAYED("delayed", "Delayed: "),
        RELAYED("relayed", "Passed on: ");

        private final String word;
        private final String subject;

        Action(String word, String subject) {
            this.word = word;
            this.subject = subject;
        }
    }

    /** Why just now. */
    private enum Occasion {
        /** An attempt, which was just now. */
        ATTEMPT,
        /** Its time, or an operator: when it was tried last is not kept. */
        NO_ATTEMPT
    }

    private final Common common;
    private final Stored message;
    private final Action action;
    private final Occasion occasion;
    private final Map<Integer, Progress> about;
    private final boolean anyhow;
    private final long now;
    private final boolean needsTls;
    private final boolean takenAsItIs;
    private final boolean utf8;
    private final byte[] header;

    private Notification(
            Common common,
            Stored message,
            Action action,
            Occasion occasion,
            Map<Integer, Progress> about,
            boolean anyhow) {
        this.common = common;
        this.message = message;
        this.action = action;
        this.occasion = occasion;
        this.about = about;
        this.anyhow = anyhow;
        this.now = common.nowMillis();
        this.needsTls = message.frozen().parameters().get("REQUIRETLS").isPresent();
        byte[] header = header();
        this.header = needsTls ? redacted(header) : header;
        this.takenAsItIs = about.values().stream().allMatch(Notification::tookItAsItIs);
        // where SMTPUTF8 is not needed nobody may refuse the notice for it: its sender would hear of nothing
        this.utf8 = !ascii(sender())
                || takenAsItIs
                        && message.frozen().parameters().smtpUtf8()
                        && (!Octets.areAscii(this.header) || isToInternationalized());
    }

    /**
     * What may go a way that is not known to have TLS (RFC 8689 section 5); a notice that needed TLS itself could be refused
     * for that, and nobody would hear of it.
     */
    private static byte[] redacted(byte[] header) {
        return messageId(header)
                .map(id -> ("Message-ID: " + id + "\r\n").getBytes(StandardCharsets.US_ASCII))
                .orElse(new byte[0]);
    }

    private boolean isToInternationalized() {
        return about.values().stream()
                .anyMatch(progress -> progress.recipient().address().internationalized());
    }

    /** Whether an upstream has answered it, and so takes what it needs; the notice may need the same. */
    private static boolean tookItAsItIs(Progress progress) {
        String last = lastWord(progress.reply());
        return REPLY.matcher(last).matches()
                && !last.equals(StandardReply.ENCODING_UNSUPPORTED.reply().toString())
                && !last.equals(StandardReply.ADDRESS_UNSUPPORTED.reply().toString());
    }

    /**
     * What the sender is told after an attempt, in the order failed, passed on.
     *
     * @param told recipients of whose delivery the upstream tells, for it offers DSN (RFC 3461 section 5.2.2)
     * @param anyhow also without what is returned of the message
     * @throws SpoolException when the database does not give that; else there is a notice without it
     */
    static List<Fresh> about(
            Common common, Stored message, Map<Integer, Progress> changes, Set<Integer> told, boolean anyhow) {
        List<Fresh> notices = new ArrayList<>(ofFailure(common, message, changes, Occasion.ATTEMPT, anyhow));
        Map<Integer, Progress> passedOn = wanting(changes, Status.RELAYED, "SUCCESS");
        passedOn.keySet().removeAll(told);
        notice(common, message, Action.RELAYED, Occasion.ATTEMPT, passedOn, anyhow)
                .ifPresent(notices::add);
        return notices;
    }

    /** What the sender is told when its time is over, or an operator gives it up; otherwise as {@link #about}. */
    static List<Fresh> ofEnd(Common common, Stored message, Map<Integer, Progress> changes, boolean anyhow) {
        return ofFailure(common, message, changes, Occasion.NO_ATTEMPT, anyhow);
    }

    private static List<Fresh> ofFailure(
            Common common, Stored message, Map<Integer, Progress> changes, Occasion occasion, boolean anyhow) {
        if (message.reversePath().address().isEmpty()
                && !Attempt.having(changes, Status.FAILED).isEmpty()) {
            LOG.warn("Nobody is told that message {} is {}: it is a notice itself", message.id(), Action.FAILED.word);
            return List.of();
        }
        Map<Integer, Progress> failed = wanting(changes, Status.FAILED, "FAILURE");
        return notice(common, message, Action.FAILED, occasion, failed, anyhow).stream()
                .toList();
    }

    /** Of whose failure the sender is told. */
    static List<Integer> bounced(Stored message, Map<Integer, Progress> changes) {
        return message.reversePath().address().isEmpty()
                ? List.of()
                : List.copyOf(wanting(changes, Status.FAILED, "FAILURE").keySet());
    }

    /** What the sender is told while it takes long; otherwise as {@link #about}. */
    static List<Fresh> ofDelay(Common common, Stored message, boolean anyhow) {
        Map<Integer, Progress> waiting = new LinkedHashMap<>();
        message.waiting().forEach(i -> waiting.put(i, message.recipients().get(i)));
        return notice(
                        common,
                        message,
                        Action.DELAYED,
                        Occasion.NO_ATTEMPT,
                        wanting(waiting, Status.WAITING, "DELAY"),
                        anyhow)
                .stream()
                .toList();
    }

    /** Without NOTIFY, failures are told, and delays may be; success is not (RFC 3461 section 4.1). */
    private static Map<Integer, Progress> wanting(Map<Integer, Progress> changes, Status status, String keyword) {
        Map<Integer, Progress> wanting = new LinkedHashMap<>();
        changes.forEach((i, progress) -> {
            String notify = progress.recipient().parameters().get("NOTIFY").orElse("FAILURE,DELAY");
            if (progress.status() == status
                    && List.of(notify.toUpperCase(Locale.ROOT).split(",")).contains(keyword)) {
                wanting.put(i, progress);
            }
        });
        return wanting;
    }

    private static Optional<Fresh> notice(
            Common common,
            Stored message,
            Action action,
            Occasion occasion,
            Map<Integer, Progress> about,
            boolean anyhow) {
        if (about.isEmpty() || message.reversePath().address().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Notification(common, message, action, occasion, about, anyhow).fresh());
    }

    private Fresh fresh() {
        MailAddress sender = message.reversePath().address().orElseThrow();
        byte[] octets = octets();
        boolean eightBit = !Octets.areAscii(octets);
        Map<String, String> parameters = new LinkedHashMap<>();
        if (eightBit) {
            parameters.put("BODY", "8BITMIME"); // RFC 6152 section 2
        }
        if (utf8) {
            parameters.put("SMTPUTF8", ""); // RFC 6533 section 4
        }
        String id = Stored.newId(now);
        Frozen frozen = new Frozen(
                id,
                message.frozen().client(),
                message.frozen().identity(),
                ReversePath.empty(), // RFC 3464 section 2
                new EsmtpParameters(parameters),
                Optional.empty(),
                eightBit);
        // RFC 3461 section 5.2: nobody is told of what becomes of a notice
        Recipient to = new Recipient(sender, new EsmtpParameters(Map.of("NOTIFY", "NEVER")));
        long giveUp = now + common.settings().giveUp().toMillis();
        Stored notice = Stored.fresh(message.account(), now, giveUp, octets.length, frozen, List.of(to));
        Octets content = new Octets(signed(notice, octets), eightBit);
        return new Fresh(notice.withSize(content.size()), content);
    }

    private byte[] signed(Stored notice, byte[] octets) {
        MessageSigner signer = common.signer();
        if (signer == null) {
            return octets;
        }
        try {
            Submission submission = notice.to(List.of(notice.recipients().get(0).recipient()), Octets.of(octets));
            byte[] fields = signer.sign(submission).getBytes(StandardCharsets.US_ASCII);
            byte[] all = Arrays.copyOf(fields, fields.length + octets.length);
            System.arraycopy(octets, 0, all, fields.length, octets.length);
            return all;
        } catch (RuntimeException | Error e) { // its sender is to hear of it
            LOG.error("MessageSigner failed for the notice about message {}", message.id(), e);
            return octets;
        }
    }

    private String sender() {
        return message.reversePath().address().map(MailAddress::toString).orElse("");
    }

    private byte[] octets() {
        String boundary = "=_postern_" + message.id() + "_" + action.word;
        Optional<byte[]> whole = whole();
        boolean encoded =
                whole.isEmpty() && !utf8 && !Octets.areAscii(header); // RFC 6522 section 4 allows it for a header alone
        byte[] returned = encoded ? QuotedPrintable.of(header) : whole.orElse(header);
        StringBuilder top = new StringBuilder();
        fields(top, boundary, utf8 || !Octets.areAscii(returned));
        String charset = utf8 ? "utf-8" : "us-ascii";
        part(top, boundary, "text/plain; charset=" + charset, "Notification", encoding(utf8));
        NoticeText.write(top, action, message, about, common);
        line(top, "");
        // RFC 6533 section 3
        String status = utf8 ? "message/global-delivery-status" : "message/delivery-status";
        part(top, boundary, status, "Delivery report", encoding(utf8));
        status(top);
        String description = whole.isPresent() ? "Your message" : "The header of your message";
        String encoding = encoded ? "quoted-printable" : encoding(!Octets.areAscii(returned));
        part(top, boundary, returnedType(whole.isPresent()), description, encoding);
        ByteArrayOutputStream all = new ByteArrayOutputStream(returned.length + top.length() + 100);
        all.writeBytes((utf8 ? top.toString() : unitext(top.toString())).getBytes(StandardCharsets.UTF_8));
        all.writeBytes(returned);
        all.writeBytes(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        return all.toByteArray();
    }

    private void fields(StringBuilder out, String boundary, boolean eightBit) {
        String host = common.settings().hostName();
        line(out, "From: Mail relay at " + host + " <MAILER-DAEMON@" + host + ">");
        line(out, "To: <" + sender() + ">");
        line(out, "Subject: " + action.subject + "your message to " + addressed());
        line(out, "Date: " + DATE.format(Instant.ofEpochMilli(now)));
        line(out, "Message-ID: <" + message.id() + "." + action.word + "." + now + "@" + host + ">");
        messageId(header).ifPresent(id -> line(out, "In-Reply-To: " + id));
        messageId(header).ifPresent(id -> line(out, "References: " + id));
        line(out, "Auto-Submitted: auto-replied"); // RFC 3834 section 5
        line(out, "MIME-Version: 1.0");
        line(out, "Content-Type: multipart/report; report-type=delivery-status;");
        line(out, " boundary=\"" + boundary + "\"");
        line(out, "Content-Transfer-Encoding: " + encoding(eightBit));
        line(out, "");
    }

    private static String encoding(boolean eightBit) {
        return eightBit ? "8bit" : "7bit";
    }

    private static void part(StringBuilder out, String boundary, String type, String description, String encoding) {
        line(out, "--" + boundary);
        line(out, "Content-Type: " + type);
        line(out, "Content-Description: " + description);
        line(out, "Content-Transfer-Encoding: " + encoding);
        line(out, "");
    }

    private String returnedType(boolean whole) {
        if (utf8) {
            return whole ? "message/global" : "message/global-headers"; // RFC 6533 section 5
        }
        return whole ? "message/rfc822" : "text/rfc822-headers"; // RFC 6522 section 4
    }

    /** Fields of the message, then of each recipient (RFC 3464 section 2). */
    private void status(StringBuilder out) {
        message.frozen()
                .parameters()
                .get("ENVID")
                .ifPresent(id -> line(out, "Original-Envelope-Id: " + Xtext.decode(id)));
        line(out, "Reporting-MTA: dns; " + common.settings().hostName());
        line(out, "Arrival-Date: " + DATE.format(message.received()));
        line(out, "");
        about.forEach((i, progress) -> {
            Recipient recipient = progress.recipient();
            recipient
                    .parameters()
                    .get("ORCPT")
                    .map(Xtext::decode)
                    .ifPresent(original -> line(out, "Original-Recipient: " + original.replaceFirst(";", "; ")));
            String address = recipient.address().toString();
            String form = utf8 || ascii(address) ? address : address.replace("\\", "\\x{5C}");
            line(out, "Final-Recipient: " + (ascii(address) ? "rfc822; " : "utf-8; ") + form);
            line(out, "Action: " + action.word);
            line(out, "Status: " + statusOf(progress));
            diagnostic(progress).ifPresent(code -> line(out, "Diagnostic-Code: " + code));
            if (occasion == Occasion.ATTEMPT) { // RFC 3464 section 2.3.7: not there when nobody knows it
                line(out, "Last-Attempt-Date: " + DATE.format(Instant.ofEpochMilli(now)));
            }
            if (action == Action.DELAYED) {
                line(
                        out,
                        "Will-Retry-Until: " + DATE.format(Instant.ofEpochMilli(message.givesUpAt(common.settings()))));
            }
            line(out, "");
        });
    }

    private String statusOf(Progress progress) {
        if (action == Action.FAILED && progress.reply().startsWith(EXPIRED)) {
            return "4.4.7"; // RFC 3463 section 3.5: delivery time expired
        }
        Matcher reply = REPLY.matcher(progress.reply());
        int statusClass = action == Action.FAILED ? 5 : action == Action.DELAYED ? 4 : 2;
        return reply.matches() && reply.group(2) != null
                ? reply.group(2)
                : new EnhancedStatus(statusClass, 0, 0).toString();
    }

    private static Optional<String> diagnostic(Progress progress) {
        String last = lastWord(progress.reply());
        if (last.isEmpty()) {
            return Optional.empty();
        }
        boolean smtp = REPLY.matcher(last).matches();
        String text = last.length() > 900 ? last.substring(0, 900) : last;
        return Optional.of((smtp ? "smtp; " : "x-relay; ") + text);
    }

    /** What was answered last, without what we put before it. */
    static String lastWord(String reply) {
        return reply.replace(EXPIRED, "").replace(STOPPED, "");
    }

    private String addressed() {
        Progress first = about.values().iterator().next();
        String address = first.recipient().address().toString();
        return about.size() == 1 ? address : address + " and " + (about.size() - 1) + " more";
    }

    private static Optional<String> messageId(byte[] header) {
        Matcher matcher = MESSAGE_ID.matcher(new String(header, StandardCharsets.ISO_8859_1));
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** The message, when its sender wants it back and it is not too large; a delay never returns it. */
    private Optional<byte[]> whole() {
        boolean wanted = message.frozen()
                .parameters()
                .get("RET")
                .filter("FULL"::equalsIgnoreCase)
                .isPresent();
        if (action != Action.FAILED
                || !wanted
                || needsTls
                || message.frozen().eightBit() && !takenAsItIs // a message within another cannot be encoded (RFC 2046)
                || message.size() > common.settings().maxReturned()) {
            return Optional.empty();
        }
        try (InputStream in = StoredContent.of(common.tables(), message).open()) {
            return Optional.of(in.readAllBytes());
        } catch (IOException e) {
            requireGone(e);
            LOG.warn("Message {} is not returned whole: {}", message.id(), e.toString());
            return Optional.empty();
        }
    }

    /** The header section, as far as 64 KiB, to the end of a line. */
    private byte[] header() {
        byte[] begin;
        try (InputStream in = StoredContent.of(common.tables(), message).open()) {
            begin = in.readNBytes(MAX_HEADER);
        } catch (IOException e) {
            requireGone(e);
            LOG.warn("The header of message {} is not returned: {}", message.id(), e.toString());
            return new byte[0];
        }
        int end = 0;
        for (int i = 0; i + 1 < begin.length; i++) {
            if (begin[i] == '\r' && begin[i + 1] == '\n') {
                if (i == end) { // an empty line
                    break;
                }
                end = i + 2;
            }
        }
        return Arrays.copyOf(begin, end);
    }

    /** What the database does not give now it may give later. */
    private void requireGone(IOException e) {
        if (!anyhow && e.getCause() instanceof SpoolException away) {
            throw away;
        }
    }

    /** As US-ASCII has it (utf-8-addr-unitext of RFC 6533 section 3). */
    private static String unitext(String text) {
        return ascii(text)
                ? text
                : text.codePoints()
                        .mapToObj(c -> c < 0x80 ? Character.toString(c) : String.format("\\x{%X}", c))
                        .collect(Collectors.joining());
    }

    private static boolean ascii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private static void line(StringBuilder out, String line) {
        out.append(line).append("\r\n");
    }
}
