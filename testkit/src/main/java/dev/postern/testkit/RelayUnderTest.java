package dev.postern.testkit;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * A running relay, as a test sees it.
 *
 * @param address where it listens; a listener without TLS from the first octet, where there are several
 * @param relay what is closed to stop it; may be closed more than once if the test closes it too
 */
public record RelayUnderTest(InetSocketAddress address, AutoCloseable relay) {

    /**
     * Makes one that listens on 127.0.0.1.
     *
     * @param relay what is closed to stop it
     * @param port where it listens, 1 to 65535
     * @return the relay
     */
    public static RelayUnderTest of(AutoCloseable relay, int port) {
        try {
            InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
            return new RelayUnderTest(new InetSocketAddress(loopback, port), relay);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // only for an address of another length
        }
    }
}
