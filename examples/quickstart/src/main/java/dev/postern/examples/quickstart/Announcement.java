package dev.postern.examples.quickstart;

import dev.postern.SmtpRelay;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Says on standard output that the relay is ready, for people and for scripts. */
final class Announcement {

    /** Where the relay listens. */
    record Listener(ListenAddress address, String security) {}

    private Announcement() {}

    static void print(PrintStream out, SmtpRelay relay, Options options, RelaySetup setup) {
        List<Listener> listeners = listeners(relay, options, setup);
        for (Listener listener : listeners) {
            out.println("postern: listening on " + listener.address() + " (" + listener.security() + ")");
        }
        if (setup.isDemo()) {
            out.println("postern: send a first message with");
            out.println("  " + FirstMessage.command(listeners.get(0)));
        } else if (options.upstreams.isEmpty()) { // whoever has users of their own may count on an upstream, too
            out.println("postern: no --upstream: messages are printed here, and delivered to nobody");
        }
        out.flush();
    }

    private static List<Listener> listeners(SmtpRelay relay, Options options, RelaySetup setup) {
        List<Listener> listeners = new ArrayList<>();
        for (ListenAddress address : setup.plain()) {
            listeners.add(listener(relay, listeners.size(), address, setup.hasTls() ? "starttls" : "plain"));
        }
        for (ListenAddress address : options.listenTls) {
            listeners.add(listener(relay, listeners.size(), address, "tls"));
        }
        return listeners;
    }

    private static Listener listener(SmtpRelay relay, int index, ListenAddress address, String security) {
        return new Listener(address.withPort(relay.addresses().get(index).getPort()), security);
    }
}
