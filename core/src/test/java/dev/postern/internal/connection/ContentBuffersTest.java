package dev.postern.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContentBuffersTest {

    private final ContentBuffers buffers = new ContentBuffers();

    /** A client that fills its buffer and stops holds what was lent to it. */
    @Test
    void largeOnesAreASmallPartOfTheHeapHoweverManyAskForThem() {
        List<byte[]> large = new ArrayList<>();
        byte[] last = buffers.flowing();
        while (last.length > ContentBuffers.WAITING) {
            large.add(last);
            last = buffers.flowing();
        }
        assertThat(last).hasSize(ContentBuffers.WAITING);
        long octets = large.stream().mapToLong(buffer -> buffer.length).sum();
        assertThat(octets)
                .isLessThanOrEqualTo(Math.max(Runtime.getRuntime().maxMemory() / 64, 16L * large.get(0).length));

        buffers.giveBack(last);
        buffers.giveBack(large.get(0));
        assertThat(buffers.flowing()).isSameAs(large.get(0));
        assertThat(buffers.flowing()).hasSize(ContentBuffers.WAITING);
    }
}
