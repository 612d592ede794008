package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpNetworkTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, 11.0.0.0",
        "192.0.2.128/25, 192.0.2.255, 192.0.2.127",
        "192.0.2.5, 192.0.2.5, 192.0.2.4",
        "192.0.2.5/32, 192.0.2.5, 192.0.2.4",
        "2001:db8::/32, 2001:db8:ffff::1, 2001:db9::",
        "2001:db8::1, 2001:db8::1, 2001:db8::2",
    })
    void hasItsAddressesAndNoOther(String network, String inside, String outside) throws UnknownHostException {
        assertThat(IpNetwork.parse(network).contains(InetAddress.getByName(inside)))
                .isTrue();
        assertThat(IpNetwork.parse(network).contains(InetAddress.getByName(outside)))
                .isFalse();
    }

    @Test
    void allAddressesOfAFamilyAreANetwork() throws UnknownHostException {
        assertThat(IpNetwork.parse("0.0.0.0/0").contains(InetAddress.getByName("203.0.113.9")))
                .isTrue();
        assertThat(IpNetwork.parse("0.0.0.0/0").contains(InetAddress.getByName("::1")))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "999.1.1.1", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129"})
    void whatIsNoNetworkIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IpNetwork.parse(text))
                .withMessageStartingWith("cidr: not a network: " + text);
    }

    /** A slip for /32, for instance, would trust a whole network. */
    @ParameterizedTest
    @CsvSource({"10.0.0.5/8, 10.0.0.5/32", "192.0.2.129/25, 192.0.2.129/32", "2001:db8::1/64, 2001:db8::1/128"})
    void anAddressWithinANetworkIsNone(String text, String advice) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IpNetwork.parse(text))
                .withMessageContainingAll(text, "write " + advice);
    }
}
