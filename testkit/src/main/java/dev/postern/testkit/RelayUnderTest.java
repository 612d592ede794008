package dev.postern.testkit;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * A running relay, as a test sees it.
 *
 * @param address where it listens; a listener without TLS from the first octet, where there are several
 * @param tlsAddress where it listens with TLS from the first octet; empty where it does not, or where that is the only one
 * @param relay what is closed to stop it; may be closed more than once if the test closes it too
 */
public record RelayUnderTest(InetSocketAddress address, Optional<InetSocketAddress> tlsAddress, AutoCloseable relay) {

    /**
     * Makes one with a single listener.
     *
     * @param address where it listens
     * @param relay what is closed to stop it
     */
    public RelayUnderTest(InetSocketAddress address, AutoCloseable relay) {
        this(address, Optional.empty(), relay);
    }

    /**
     * Makes one that listens on 127.0.0.1.
     *
     * @param relay what is closed to stop it
     * @param port where it listens, 1 to 65535
     * @return the relay
     */
    public static RelayUnderTest of(AutoCloseable relay, int port) {
        return new RelayUnderTest(loopback(port), relay);
    }

    /**
     * Adds the listener with TLS from the first octet (RFC 8314 section 3.3).
     *
     * @param port where it listens on 127.0.0.1, 1 to 65535; with {@link RelayEnvironment#serverTls()}
     * @return a copy
     */
    public RelayUnderTest withTlsPort(int port) {
        return new RelayUnderTest(address, Optional.of(loopback(port)), relay);
    }

    private static InetSocketAddress loopback(int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // only for an address of another length
        }
    }
}
