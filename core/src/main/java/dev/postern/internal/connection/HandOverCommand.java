package dev.postern.internal.connection;

import org.subethamail.smtp.internal.server.Command;
import org.subethamail.smtp.internal.server.HelpMessage;
import org.subethamail.smtp.server.Session;

/**
 * The one command that SubEtha ever runs: it hands the connection over to a conversation with a thread of its own. What
 * SubEtha holds for a session, some kilobytes of readers, writers and stack, is free again before the client says a word.
 */
final class HandOverCommand implements Command {

    static final String VERB = "POSTERN";

    @Override
    public void execute(String commandString, Session session) {
        ((GuardSocket) session.getSocket()).handOver();
    }

    @Override
    public HelpMessage getHelp() {
        return new HelpMessage(VERB, "internal");
    }

    @Override
    public String getName() {
        return VERB;
    }
}
