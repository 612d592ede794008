package dev.postern.internal.connection;

import dev.postern.internal.octets.Octets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the header that a proxy puts in front of a connection, version 1 or 2 of HAProxy's PROXY protocol. Only as much is
 * taken from the stream as belongs to the header, in however many pieces it comes.
 */
final class ProxyHeader {

    private static final byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    private static final byte[] V1_BEGIN = {'P', 'R', 'O', 'X', 'Y', ' '};
    private static final int V2_FIXED = 16; // signature, version and command, family, length
    private static final int V2_LOCAL = 0x20;
    private static final int V2_PROXY = 0x21;
    private static final int V2_IPV4 = 0x1; // the upper half of the family octet
    private static final int V2_IPV6 = 0x2;
    private static final int V1_MAX = 107; // with CRLF
    private static final int SKIP_AT_ONCE = 1024;
    /** Zeros in front of a number are not permitted: one reader takes it for octal where another does not. */
    private static final String PORT = "(0|[1-9]\\d{0,4})";

    private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final String DOTTED = OCTET + "(?:\\." + OCTET + "){3}";
    private static final Pattern V1 =
            Pattern.compile("PROXY (?:UNKNOWN(?: .*)?|TCP([46]) (\\S+) (\\S+) " + PORT + " " + PORT + ")");
    // what is no address of the internet could be a name, which Java would look up
    private static final Pattern IPV4 = Pattern.compile(DOTTED);
    private static final Pattern IPV6 = Pattern.compile("(?:[0-9A-Fa-f]{0,4}:)+(?:[0-9A-Fa-f]{0,4}|" + DOTTED + ")");

    private ProxyHeader() {}

    interface Source {
        /** The octets that are there, at least so many. */
        byte[] peek(int octets) throws IOException;

        void skip(int octets);
    }

    static final class MalformedException extends IOException {
        private static final long serialVersionUID = 1L;

        private MalformedException(String what) {
            super("PROXY header: " + what);
        }
    }

    /** Reads the header; the client's address is empty where the proxy speaks for itself or for no internet address. */
    static Optional<InetSocketAddress> read(Source source) throws IOException {
        return source.peek(1)[0] == SIGNATURE[0] ? readV2(source) : readV1(source);
    }

    /** Ends the connection of a stranger who sends a header. */
    static void refuse(Source source) throws IOException {
        byte[] begin = source.peek(1);
        if (Octets.startsWith(begin, 0, begin.length, V1_BEGIN)
                || Octets.startsWith(begin, 0, begin.length, SIGNATURE)) {
            throw new MalformedException("not from a listed proxy");
        }
    }

    private static Optional<InetSocketAddress> readV1(Source source) throws IOException {
        int length = 0;
        byte[] octets = source.peek(1);
        while (length < 2 || octets[length - 2] != '\r' || octets[length - 1] != '\n') {
            length++;
            if (length > V1_MAX) {
                throw new MalformedException("no line");
            }
            octets = octets.length >= length ? octets : source.peek(length);
        }
        source.skip(length);
        Matcher line = V1.matcher(new String(octets, 0, length - 2, StandardCharsets.US_ASCII));
        if (!line.matches()) {
            throw new MalformedException("line not understood");
        }
        if (line.group(1) == null) {
            return Optional.empty();
        }
        Pattern family = line.group(1).equals("4") ? IPV4 : IPV6;
        address(family, line.group(3), line.group(5)); // the proxy's own side: of no use here, but no header without it
        return Optional.of(address(family, line.group(2), line.group(4)));
    }

    private static InetSocketAddress address(Pattern family, String address, String port) throws MalformedException {
        int number = Integer.parseInt(port);
        if (!family.matcher(address).matches() || number > 65_535) {
            throw new MalformedException("address not understood");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(address), number);
        } catch (UnknownHostException e) {
            throw new MalformedException("address not understood");
        }
    }

    private static Optional<InetSocketAddress> readV2(Source source) throws IOException {
        byte[] fixed = source.peek(V2_FIXED);
        if (!Octets.startsWith(fixed, 0, fixed.length, SIGNATURE)) {
            throw new MalformedException("no signature");
        }
        int command = fixed[12] & 0xff;
        if (command != V2_LOCAL && command != V2_PROXY) {
            throw new MalformedException("version or command not understood");
        }
        int family = (fixed[13] & 0xff) >> 4;
        int length = (fixed[14] & 0xff) << 8 | fixed[15] & 0xff;
        int addressOctets = family == V2_IPV4 ? 4 : family == V2_IPV6 ? 16 : 0;
        int addresses = addressOctets == 0 ? 0 : 2 * addressOctets + 4;
        if (command == V2_PROXY && length < addresses) {
            throw new MalformedException("too short for its addresses");
        }
        source.skip(V2_FIXED);
        Optional<InetSocketAddress> client = Optional.empty();
        int read = 0;
        if (command == V2_PROXY && addresses > 0) {
            byte[] block = source.peek(addresses);
            int port = (block[2 * addressOctets] & 0xff) << 8 | block[2 * addressOctets + 1] & 0xff;
            client = Optional.of(
                    new InetSocketAddress(InetAddress.getByAddress(Arrays.copyOf(block, addressOctets)), port));
            source.skip(addresses);
            read = addresses;
        }
        skip(source, length - read);
        return client;
    }

    /** Passes over TLVs and addresses that are none of the internet, which may be larger than any buffer. */
    private static void skip(Source source, int octets) throws IOException {
        for (int left = octets; left > 0; ) {
            int part = Math.min(left, SKIP_AT_ONCE);
            source.peek(part);
            source.skip(part);
            left -= part;
        }
    }
}
