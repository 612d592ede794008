package dev.postern.micrometer;

import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import dev.postern.spi.Submission;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Values that events carry. */
final class TestSubmissions {

    private TestSubmissions() {}

    static Submission one() {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 25);
        return Submission.of(
                "message",
                ClientInfo.of("session", address, address),
                Identity.of(Stand.ALICE),
                new Envelope(ReversePath.empty(), EsmtpParameters.none(), List.of(Recipient.of("bob@dest.test"))),
                content(Stand.MESSAGE),
                Instant.EPOCH);
    }

    static MessageContent content(String text) {
        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
        return new MessageContent() {
            @Override
            public long size() {
                return octets.length;
            }

            @Override
            public boolean eightBit() {
                return false;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(octets);
            }
        };
    }
}
