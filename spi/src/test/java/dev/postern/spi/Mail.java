package dev.postern.spi;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Arrays;

/** Messages for tests. */
final class Mail {

    private Mail() {}

    static Submission simple() {
        return of(Identity.of("alice"), ReversePath.empty(), "b@dest.test");
    }

    static Submission to(String... recipients) {
        return of(Identity.of("alice"), ReversePath.empty(), recipients);
    }

    static Submission of(Identity identity, ReversePath reversePath, String... recipients) {
        InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        MessageContent nothing = new MessageContent() {
            @Override
            public long size() {
                return 0;
            }

            @Override
            public boolean eightBit() {
                return false;
            }

            @Override
            public InputStream open() {
                return InputStream.nullInputStream();
            }
        };
        return Submission.of(
                "s-1.0",
                ClientInfo.of("s-1", anywhere, anywhere),
                identity,
                new Envelope(
                        reversePath,
                        EsmtpParameters.none(),
                        Arrays.stream(recipients).map(Recipient::of).toList()),
                nothing,
                Instant.EPOCH);
    }
}
