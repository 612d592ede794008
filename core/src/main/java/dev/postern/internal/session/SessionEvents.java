package dev.postern.internal.session;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.reply.Printable;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.EventSession;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.Reply;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What the listener and the log hear of one session. Used by the session's thread. */
final class SessionEvents {

    private static final Logger LOG = LoggerFactory.getLogger(Session.class); // the stage's

    /** Of a session's refusals: whoever has an account could fill the disk with them. */
    private static final int MOST_LINES = 100;

    private final SessionContext context;
    private final SessionGate.SessionPermit permit;
    private final Client client;
    private boolean open;
    private int refusals;

    SessionEvents(SessionContext context, SessionGate.SessionPermit permit, Client client) {
        this.context = context;
        this.permit = permit;
        this.client = client;
    }

    void opened(ClientInfo who) {
        open = true;
        context.tell(RelayEvent.SessionOpened.of(EventSession.of(who)));
    }

    /** Tells once, and only of a session that got the greeting. */
    void closed(ClientInfo who, @Nullable Identity identity, RelayEvent.End end, @Nullable Reply farewell) {
        if (!open) {
            return;
        }
        open = false;
        RelayEvent.SessionClosed closed = RelayEvent.SessionClosed.of(of(who, identity), end, permit.age())
                .withMessages(permit.messages())
                .withOctetsIn(client.received())
                .withOctetsOut(client.sent());
        context.tell(farewell == null ? closed : closed.withFarewell(farewell));
    }

    /** Tells of a refusal; {@code detail} says what the reply does not, and may be empty. */
    void refused(EventSession session, RelayEvent.Stage stage, Reply reply, String detail) {
        refusals++;
        // what is refused for now is no error, so that nothing else bounds it: recipients beyond the most, for instance
        boolean tooMany = refusals > MOST_LINES && !reply.closes();
        LOG.atLevel(tooMany ? Level.DEBUG : Level.INFO)
                .log(
                        "{} refused {} \"{}\"{}{}",
                        session.client(),
                        reply.standard().map(Enum::name).orElse("-"),
                        Printable.of(reply),
                        detail.isEmpty() ? "" : ": " + detail,
                        refusals == MOST_LINES ? " (its further refusals are logged at DEBUG)" : "");
        context.tell(RelayEvent.Refused.of(session, stage, reply).withDetail(detail));
    }

    static EventSession of(ClientInfo who, @Nullable Identity identity) {
        EventSession session = EventSession.of(who);
        return identity == null ? session : session.withIdentity(identity);
    }
}
