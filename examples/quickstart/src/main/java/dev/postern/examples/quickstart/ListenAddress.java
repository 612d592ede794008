package dev.postern.examples.quickstart;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where to listen, as the command line has it. Immutable. */
record ListenAddress(String host, int port) {

    private static final Pattern FORM = Pattern.compile("(?:\\[([^\\[\\]]+)]|([^\\[\\]:]+)):([0-9]{1,5})");

    static ListenAddress parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || Integer.parseInt(form.group(3)) > 65_535) {
            throw new IllegalArgumentException("'" + text + "' is no HOST:PORT; write for instance 127.0.0.1:2525,"
                    + " [::1]:2525 or 0.0.0.0:0, with a port of 0 (any free one) to 65535");
        }
        String bracketed = form.group(1);
        return new ListenAddress(bracketed == null ? form.group(2) : bracketed, Integer.parseInt(form.group(3)));
    }

    /** Tells whether only this machine can connect, by the text alone: nothing is looked up. */
    boolean isLoopback() {
        return host.equals("localhost") || host.equals("::1") || host.matches("127(\\.[0-9]{1,3}){3}");
    }

    /** Tells whether this one takes the other's port at every address of the machine, by the text alone. */
    boolean includes(ListenAddress other) {
        return port != 0 && port == other.port && (host.equals("0.0.0.0") || host.equals("::"));
    }

    ListenAddress withPort(int realPort) {
        return new ListenAddress(host, realPort);
    }

    /** Returns the address as it stands in a URI. */
    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
