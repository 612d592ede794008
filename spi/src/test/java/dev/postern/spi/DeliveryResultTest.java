package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A result and the reply in it say the same. */
class DeliveryResultTest {

    @Test
    void whatTheOtherSideRefusedIsNotAccepted() {
        for (int code : new int[] {354, 421, 452, 550}) {
            Reply reply = Reply.withoutStatus(code, "no");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> DeliveryResult.accepted("api", reply))
                    .withMessage("reply must be 2xx, not " + code + " no");
        }
    }

    @Test
    void whatItMayTakeLaterIsNotRejected() {
        Reply reply = Reply.withoutStatus(452, "later");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeliveryResult.rejected("api", reply, List.of()))
                .withMessage("reply must be 5xx, not 452 later");
    }
}
