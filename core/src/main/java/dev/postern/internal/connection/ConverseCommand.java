package dev.postern.internal.connection;

import java.io.IOException;
import org.subethamail.smtp.internal.server.Command;
import org.subethamail.smtp.internal.server.HelpMessage;
import org.subethamail.smtp.server.Session;

/** The one command that SubEtha ever runs: the whole conversation with the client. */
final class ConverseCommand implements Command {

    static final String VERB = "POSTERN";

    @Override
    public void execute(String commandString, Session session) throws IOException {
        GuardSocket socket = (GuardSocket) session.getSocket();
        socket.markConversed();
        // lets go of the buffers of the accepting thread, which are larger than those that a virtual thread gets
        session.setSocket(socket);
        socket.converse();
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
