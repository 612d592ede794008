package dev.postern.spi;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is known of a client at one moment of its session. */
public final class ClientInfo {

    private final String sessionId;
    private final InetSocketAddress remote;
    private final InetSocketAddress local;
    private final String helo;
    private final @Nullable TlsInfo tls;

    private ClientInfo(
            String sessionId, InetSocketAddress remote, InetSocketAddress local, String helo, @Nullable TlsInfo tls) {
        this.sessionId = sessionId;
        this.remote = remote;
        this.local = local;
        this.helo = helo;
        this.tls = tls;
    }

    /**
     * Describes a client that has just connected, without TLS.
     *
     * @param sessionId the session's id, which log lines carry
     * @param remote the client's address; never resolved to a name
     * @param local the listener's address that the client connected to
     * @return the client
     */
    public static ClientInfo of(String sessionId, InetSocketAddress remote, InetSocketAddress local) {
        return new ClientInfo(sessionId, remote, local, "", null);
    }

    /**
     * Sets the client's address as reported by a trusted proxy.
     *
     * @param newRemote address and port
     * @return a copy
     */
    public ClientInfo withRemote(InetSocketAddress newRemote) {
        return new ClientInfo(sessionId, newRemote, local, helo, tls);
    }

    /**
     * Adds the name that the client gave in EHLO or HELO.
     *
     * @param newHelo the argument of EHLO or HELO; a claim, not a fact
     * @return a copy
     */
    public ClientInfo withHelo(String newHelo) {
        return new ClientInfo(sessionId, remote, local, newHelo, tls);
    }

    /**
     * Adds the session's TLS, and forgets the client's name (RFC 3207 section 4.2).
     *
     * @param newTls the TLS parameters
     * @return a copy
     */
    public ClientInfo withTls(TlsInfo newTls) {
        return new ClientInfo(sessionId, remote, local, "", newTls);
    }

    /** {@return the session's id, unique among the sessions of a relay} */
    public String sessionId() {
        return sessionId;
    }

    /** {@return the client's address} */
    public InetSocketAddress remote() {
        return remote;
    }

    /**
     * Returns the key that the client is counted by: its IPv4 address, or the prefix of its IPv6 address, because one
     * host can have any number of IPv6 addresses.
     *
     * @param ipv6PrefixLength how many bits of an IPv6 address count, 1 to 128
     * @return a key that is the same for all addresses that count as one
     */
    public String addressKey(int ipv6PrefixLength) {
        byte[] octets = remote.getAddress().getAddress();
        if (octets.length == 4) {
            return remote.getAddress().getHostAddress();
        }
        StringBuilder key = new StringBuilder("ipv6:");
        for (int i = 0; i * 8 < ipv6PrefixLength; i++) {
            int kept = Math.min(8, ipv6PrefixLength - i * 8);
            int value = octets[i] & (0xff00 >> kept) & 0xff;
            key.append(Character.forDigit(value >> 4, 16)).append(Character.forDigit(value & 15, 16));
        }
        return key.append('/').append(ipv6PrefixLength).toString();
    }

    /** {@return the listener's address} */
    public InetSocketAddress local() {
        return local;
    }

    /** {@return the name that the client gave in EHLO or HELO; empty before that} */
    public String helo() {
        return helo;
    }

    /** {@return the session's TLS parameters; empty while the session has no TLS} */
    public Optional<TlsInfo> tls() {
        return Optional.ofNullable(tls);
    }

    /** Returns session id and address. */
    @Override
    public String toString() {
        return sessionId + " [" + remote.getAddress().getHostAddress() + "]:" + remote.getPort();
    }
}
