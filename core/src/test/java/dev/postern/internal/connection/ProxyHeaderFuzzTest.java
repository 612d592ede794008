package dev.postern.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * PROXY headers made up from a seed, good ones and broken ones. A good one gives its address and takes exactly its own
 * octets; of a broken one nothing comes but the two exceptions that end a connection. {@code postern.fuzz.seed} and {@code
 * postern.fuzz.rounds} are as for the other fuzz tests.
 */
class ProxyHeaderFuzzTest {

    private static final byte[] V2 = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    private static final byte[] BEHIND = "EHLO x\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final long SEED = Long.getLong("postern.fuzz.seed", 20_261_123L);
    private static final int ROUNDS = Integer.getInteger("postern.fuzz.rounds", 20_000);

    /** What a header says, and its octets. */
    private static final class Header {
        private final byte[] octets;
        private final Optional<InetSocketAddress> client;

        private Header(byte[] octets, Optional<InetSocketAddress> client) {
            this.octets = octets;
            this.client = client;
        }
    }

    /** Hands octets out as they are asked for, and counts them. */
    private static final class Octets implements ProxyHeader.Source {
        private final byte[] all;
        private int position;

        private Octets(byte[] all) {
            this.all = all;
        }

        @Override
        public byte[] peek(int octets) throws IOException {
            assertThat(octets).as("asked for at once").isBetween(1, 1024);
            if (position + octets > all.length) {
                throw new EOFException();
            }
            return Arrays.copyOfRange(all, position, position + octets);
        }

        @Override
        public void skip(int octets) {
            position += octets;
        }
    }

    @Test
    void goodHeadersGiveTheirAddressAndLeaveWhatIsBehindThem() throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            SplittableRandom random = new SplittableRandom(SEED + round);
            Header header = header(random);
            Octets source = new Octets(concat(header.octets, BEHIND));
            assertThat(ProxyHeader.read(source)).as("seed %s", SEED + round).isEqualTo(header.client);
            assertThat(source.position).as("seed %s", SEED + round).isEqualTo(header.octets.length);
        }
    }

    @Test
    void brokenHeadersEndTheConnectionAndNothingElse() throws IOException {
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            SplittableRandom random = new SplittableRandom(SEED + round);
            byte[] octets = header(random).octets;
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                octets = broken(octets, random);
            }
            try {
                ProxyHeader.read(new Octets(octets));
            } catch (ProxyHeader.MalformedException | EOFException e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + (SEED + round), e);
            }
        }
        assertThat(refused).as("broken headers that were refused").isGreaterThan(ROUNDS / 4);
    }

    private static Header header(SplittableRandom random) throws IOException {
        boolean ipv6 = random.nextBoolean();
        byte[] address = bytes(random, ipv6 ? 16 : 4);
        byte[] proxy = bytes(random, address.length);
        if (ipv6) {
            address[0] = 0x20; // no address that Java takes for IPv4
        }
        int port = random.nextInt(65_536);
        InetSocketAddress client = new InetSocketAddress(InetAddress.getByAddress(address), port);
        return switch (random.nextInt(4)) {
            case 0 ->
                new Header(
                        ascii("PROXY TCP" + (ipv6 ? 6 : 4) + " "
                                + InetAddress.getByAddress(address).getHostAddress() + " "
                                + InetAddress.getByAddress(proxy).getHostAddress() + " " + port + " 587\r\n"),
                        Optional.of(client));
            case 1 ->
                new Header(ascii("PROXY UNKNOWN" + (random.nextBoolean() ? " x y" : "") + "\r\n"), Optional.empty());
            case 2 -> {
                byte[] local = v2(0x20, random.nextInt(256), bytes(random, random.nextInt(300)));
                yield new Header(local, Optional.empty());
            }
            default -> {
                byte[] ports = {(byte) (port >> 8), (byte) port, 2, 75};
                byte[] tlvs = bytes(random, random.nextBoolean() ? 0 : random.nextInt(5000));
                byte[] block = concat(concat(concat(address, proxy), ports), tlvs);
                yield new Header(v2(0x21, ipv6 ? 0x21 : 0x11, block), Optional.of(client));
            }
        };
    }

    private static byte[] broken(byte[] octets, SplittableRandom random) {
        if (octets.length < 2) {
            return octets;
        }
        byte[] copy = octets.clone();
        int at = random.nextInt(Math.min(copy.length, 40));
        return switch (random.nextInt(4)) {
            case 0 -> {
                copy[at] = (byte) random.nextInt(256);
                yield copy;
            }
            case 1 -> Arrays.copyOf(copy, random.nextInt(1, copy.length));
            case 2 -> concat(Arrays.copyOf(copy, at), Arrays.copyOfRange(copy, at + 1, copy.length));
            default ->
                concat(Arrays.copyOf(copy, at), concat(bytes(random, 3), Arrays.copyOfRange(copy, at, copy.length)));
        };
    }

    private static byte[] v2(int command, int family, byte[] block) {
        byte[] rest = {(byte) command, (byte) family, (byte) (block.length >> 8), (byte) block.length};
        return concat(concat(V2, rest), block);
    }

    private static byte[] bytes(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
