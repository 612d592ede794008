package dev.postern.benchmarks;

import javax.net.ssl.SSLContext;

/**
 * A server that takes a load, and how its clients come to it.
 *
 * @param port on 127.0.0.1
 * @param mode how connections are protected
 * @param context the clients' TLS
 * @param user who logs in and sends, for instance {@code ann@example.org}
 * @param secret the password, empty for no login
 */
record Target(int port, TlsMode mode, SSLContext context, String user, String secret) {

    static Target plain(int port, String user, String secret) {
        return new Target(port, TlsMode.NONE, Tls.trustingAnybody(), user, secret);
    }

    @Override
    public String toString() {
        return "127.0.0.1:" + port + " (" + mode + ")";
    }
}
