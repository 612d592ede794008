package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientInfoTest {

    private static final TlsInfo TLS = new TlsInfo("TLSv1.3", "TLS_AES_128_GCM_SHA256", List.of());

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 64, 192.0.2.1",
        "192.0.2.1, 1, 192.0.2.1",
        "::ffff:192.0.2.1, 64, 192.0.2.1",
        "2001:db8:1:2:3:4:5:6, 64, ipv6:20010db800010002/64",
        "2001:db8:1:2ff:3:4:5:6, 56, ipv6:20010db8000102/56",
        "2001:db8:1:2ff:3:4:5:6, 60, ipv6:20010db8000102f0/60",
        "2001:db8:1:2:3:4:5:6, 128, ipv6:20010db8000100020003000400050006/128",
        "ffff::, 1, ipv6:80/1",
    })
    void countsByAddressOrPrefix(String address, int prefix, String key) throws UnknownHostException {
        assertThat(client(address).addressKey(prefix)).isEqualTo(key);
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8:1:2::1, 2001:db8:1:2:ffff:ffff:ffff:ffff, 64, true",
        "2001:db8:1:2::1, 2001:db8:1:3::1, 64, false",
        "2001:db8:1:200::1, 2001:db8:1:2ff::1, 56, true",
        "2001:db8:1:200::1, 2001:db8:1:300::1, 56, false",
        "2001:db8::1, 2001:db8::2, 128, false",
        "192.0.2.1, 192.0.2.2, 64, false",
    })
    void addressesOfOnePrefixCountAsOne(String one, String other, int prefix, boolean same)
            throws UnknownHostException {
        assertThat(client(one).addressKey(prefix).equals(client(other).addressKey(prefix)))
                .isEqualTo(same);
    }

    @Test
    void startsWithoutNameAndTls() throws UnknownHostException {
        ClientInfo client = client("192.0.2.1");
        assertThat(client.helo()).isEmpty();
        assertThat(client.tls()).isEmpty();
        assertThat(client).hasToString("s-1 [192.0.2.1]:4711");
        assertThat(client.local().getPort()).isEqualTo(25);
    }

    /** RFC 3207 section 4.2. */
    @Test
    void tlsForgetsTheNameAndKeepsTheRest() throws UnknownHostException {
        ClientInfo named = client("192.0.2.1").withHelo("client.test");
        assertThat(named.helo()).isEqualTo("client.test");
        ClientInfo encrypted = named.withTls(TLS);
        assertThat(encrypted.helo()).isEmpty();
        assertThat(encrypted.tls()).contains(TLS);
        assertThat(encrypted.withHelo("again.test").tls()).contains(TLS);
        assertThat(encrypted.remote()).isEqualTo(named.remote());
        assertThat(encrypted.sessionId()).isEqualTo("s-1");
    }

    private static ClientInfo client(String address) throws UnknownHostException {
        return ClientInfo.of(
                "s-1",
                new InetSocketAddress(InetAddress.getByName(address), 4711),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 25));
    }
}
