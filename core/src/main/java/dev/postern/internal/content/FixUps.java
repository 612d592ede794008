package dev.postern.internal.content;

import dev.postern.internal.content.ContentGate.Origin;
import dev.postern.internal.content.header.HeaderSection;
import dev.postern.internal.content.store.Spool;
import dev.postern.internal.content.store.StoredContent;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.spi.Envelope;
import dev.postern.spi.MailAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * What a submission server adds to a message and takes off it (RFC 6409 section 8); everything else stays octet for octet.
 */
record FixUps(String hostName, MessageRules rules) {

    /** RFC 5322 section 3.3. */
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, d MMM yyyy HH:mm:ss '+0000'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    /** A second of the clock as a header says it; most messages share theirs with the one before. */
    private record Second(long epoch, String date) {}

    private static volatile Second lastSecond = new Second(0, DATE.format(Instant.EPOCH));

    private static final int MAX_NAME = 255; // RFC 5321 section 4.5.3.1.2

    StoredContent apply(Origin origin, HeaderSection header, Spool spool, boolean eightBit) throws IOException {
        StringBuilder fields = new StringBuilder();
        if (rules.mends(FixUp.RECEIVED)) {
            received(fields, origin);
        }
        if (rules.mends(FixUp.DATE) && !header.hasDate()) {
            fields.append("Date: " + date(origin.received()) + "\r\n");
        }
        if (rules.mends(FixUp.MESSAGE_ID) && !header.hasMessageId()) {
            fields.append("Message-ID: <" + safe(origin.messageId(), "-._") + "@" + safe(hostName, "-._") + ">\r\n");
        }
        String added = fields.toString();
        byte[] prefix = added.getBytes(StandardCharsets.UTF_8);
        boolean addedEightBit = prefix.length > added.length(); // as UTF-8 has it, only US-ASCII takes one octet
        long[] removed = rules.mends(FixUp.REMOVE_BCC) ? header.bccRanges() : new long[0];
        return StoredContent.of(prefix, spool, removed, eightBit, addedEightBit);
    }

    /** The trace field of RFC 5321 section 4.4. */
    private void received(StringBuilder fields, Origin origin) {
        String helo = safe(origin.client().helo(), "-._:[]");
        String address = literal(origin.client().remote().getAddress());
        fields.append("Received: from " + (helo.isEmpty() ? "unknown" : helo) + " (" + address + ")\r\n by "
                + safe(hostName, "-._:[]") + " with " + protocol(origin) + " id " + safe(origin.messageId(), "-._"));
        Envelope envelope = origin.envelope();
        // with several recipients, it would show one of them to the others (RFC 5321 section 7.2)
        if (envelope.recipients().size() == 1) {
            MailAddress recipient = envelope.recipients().get(0).address();
            if (!recipient.internationalized() || envelope.parameters().smtpUtf8()) {
                fields.append("\r\n for <" + recipient + ">");
            }
        }
        fields.append(";\r\n " + date(origin.received()) + "\r\n");
    }

    /** RFC 3848, and RFC 6531 section 4.3 for SMTPUTF8. */
    private static String protocol(Origin origin) {
        boolean tls = origin.client().tls().isPresent();
        if (!origin.extended() && !tls && !origin.authenticatedBySasl()) {
            return "SMTP";
        }
        return (origin.envelope().parameters().smtpUtf8() ? "UTF8SMTP" : "ESMTP")
                + (tls ? "S" : "")
                + (origin.authenticatedBySasl() ? "A" : "");
    }

    private static String date(Instant moment) {
        Second second = lastSecond;
        if (second.epoch() != moment.getEpochSecond()) {
            second = new Second(moment.getEpochSecond(), DATE.format(moment));
            lastSecond = second;
        }
        return second.date();
    }

    /** RFC 5321 section 4.1.3. */
    private static String literal(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return "[" + (address instanceof Inet6Address ? "IPv6:" : "") + (zone < 0 ? text : text.substring(0, zone))
                + "]";
    }

    /** Keeps letters, digits and some marks: the text is the client's or the host's, and must not become syntax. */
    private static String safe(String text, String marks) {
        StringBuilder safe = new StringBuilder();
        for (int i = 0; i < text.length() && i < MAX_NAME; i++) {
            char c = text.charAt(i);
            boolean letterOrDigit = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            safe.append(letterOrDigit || marks.indexOf(c) >= 0 ? c : '_');
        }
        return safe.toString();
    }
}
