package dev.postern.spi;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** A network in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3). Never looks up a name. */
public final class IpNetwork {

    /**
     * Rejects anything that could be a name, because a name would be looked up; so is an IPv4 address with a 256 in it.
     */
    private static final Pattern LITERAL = Pattern.compile(
            "(25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})(\\.(25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})){3}|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*");

    private final byte[] network;
    private final int prefixLength;

    private IpNetwork(byte[] network, int prefixLength) {
        this.network = network;
        this.prefixLength = prefixLength;
    }

    /**
     * Parses a network.
     *
     * @param text a single address, or an address and a prefix length, for instance {@code 10.0.0.0/8}
     * @return the network
     * @throws IllegalArgumentException when the text is not a network, or has bits set after the prefix
     */
    public static IpNetwork parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        if (!LITERAL.matcher(address).matches()) {
            throw notOne(text);
        }
        try {
            byte[] octets = InetAddress.getByName(address).getAddress();
            int bits = octets.length * 8;
            String length = slash < 0 ? String.valueOf(bits) : text.substring(slash + 1);
            if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > bits) {
                throw notOne(text);
            }
            IpNetwork network = new IpNetwork(octets, Integer.parseInt(length));
            if (network.hasHostBits()) { // 10.0.0.5/8 for /32 would trust 16 million others
                throw new IllegalArgumentException("cidr: " + text + " has bits set behind its prefix; write " + address
                        + "/" + bits + " for the address alone, or the network's first address");
            }
            return network;
        } catch (UnknownHostException e) {
            throw notOne(text);
        }
    }

    /**
     * Returns whether an address belongs to the network.
     *
     * @param address an IPv4 or IPv6 address
     * @return true when it does; always false for an address of the other family
     */
    public boolean contains(InetAddress address) {
        byte[] octets = address.getAddress();
        if (octets.length != network.length) {
            return false;
        }
        for (int i = 0; i < prefixLength; i += 8) {
            int mask = 0xff00 >> Math.min(8, prefixLength - i) & 0xff;
            if (((octets[i / 8] ^ network[i / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean hasHostBits() {
        for (int i = prefixLength; i < network.length * 8; i++) {
            if ((network[i / 8] >> 7 - i % 8 & 1) != 0) {
                return true;
            }
        }
        return false;
    }

    private static IllegalArgumentException notOne(String text) {
        return new IllegalArgumentException(
                "cidr: not a network: " + text + "; write it like 10.0.0.0/8 or 2001:db8::/32");
    }
}
