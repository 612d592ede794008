package dev.postern.testkit;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * A running relay, as a test sees it.
 *
 * @param address where the relay listens; if it has several listeners, one without implicit TLS
 * @param tlsAddress where the relay listens with implicit TLS; empty if it does not, or if that is its only listener
 * @param relay closed to stop the relay; may be closed more than once if the test closes it too
 */
public record RelayUnderTest(InetSocketAddress address, Optional<InetSocketAddress> tlsAddress, AutoCloseable relay) {

    /**
     * Creates a relay with a single listener.
     *
     * @param address where it listens
     * @param relay closed to stop the relay
     */
    public RelayUnderTest(InetSocketAddress address, AutoCloseable relay) {
        this(address, Optional.empty(), relay);
    }

    /**
     * Creates a relay that listens on 127.0.0.1.
     *
     * @param relay closed to stop the relay
     * @param port its port, 1 to 65535
     * @return the relay
     */
    public static RelayUnderTest of(AutoCloseable relay, int port) {
        return new RelayUnderTest(loopback(port), relay);
    }

    /**
     * Adds the listener with implicit TLS (RFC 8314 section 3.3).
     *
     * @param port its port on 127.0.0.1, 1 to 65535; uses {@link RelayEnvironment#serverTls()}
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
