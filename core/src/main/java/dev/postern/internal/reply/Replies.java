package dev.postern.internal.reply;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.RefusedRecipient;
import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import java.util.ArrayList;
import java.util.List;

/** The replies that are more than a row of the catalogue. */
public final class Replies {

    /** So many refused recipients are named; beyond it a reply only counts them. */
    private static final int MAX_NAMED = 100;

    private static final int MAX_TEXT = 400; // leaves room for code, status and CRLF in 512 octets

    private Replies() {}

    /** The reply to EHLO (RFC 5321 section 4.1.1.1), which carries no enhanced status code (RFC 2034 section 4). */
    public static Reply capabilities(String host, List<String> keywords) {
        List<String> lines = new ArrayList<>();
        lines.add(host);
        lines.addAll(keywords);
        return Reply.withoutStatus(250, lines.toArray(String[]::new));
    }

    /** What the client is told of a delivery: the one place where upstream outcomes become replies. */
    public static Reply of(DeliveryResult result, int recipients) {
        if (result instanceof Accepted accepted) {
            return accepted(accepted.reply());
        }
        if (result instanceof Deferred deferred) {
            return of(deferred.reason()).reply();
        }
        Rejected rejected = (Rejected) result;
        return rejected.recipients().isEmpty() || recipients == 1
                ? rejected.reply()
                : naming(rejected.recipients(), rejected.reply(), recipients);
    }

    private static Reply accepted(Reply reply) {
        return reply.standard().filter(StandardReply.MESSAGE_QUEUED::equals).isPresent()
                ? reply
                : StandardReply.MESSAGE_ACCEPTED.reply(Reply.printable(String.join(" ", reply.lines()), MAX_TEXT));
    }

    private static StandardReply of(Reason reason) {
        return switch (reason) {
            case UNREACHABLE -> StandardReply.UPSTREAM_UNREACHABLE;
            case TURNED_AWAY, FAILED, AMBIGUOUS -> StandardReply.UPSTREAM_RELAY_FAILED;
            case NO_ROOM -> StandardReply.CONTENT_SPACE;
        };
    }

    private static Reply naming(List<RefusedRecipient> refused, Reply reply, int recipients) {
        List<String> lines = new ArrayList<>();
        for (RefusedRecipient recipient : refused.subList(0, Math.min(refused.size(), MAX_NAMED))) {
            lines.add(Reply.printable(
                    "<" + recipient.address() + ">: "
                            + String.join(" ", recipient.reply().lines()),
                    MAX_TEXT));
        }
        lines.add("Message not relayed: " + refused.size() + " of " + recipients + " recipients refused");
        return reply.withLines(lines);
    }
}
