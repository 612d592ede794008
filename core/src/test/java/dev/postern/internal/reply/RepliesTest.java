package dev.postern.internal.reply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.RefusedRecipient;
import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.tools.OnAnyJdk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class RepliesTest {

    private static final Reply NO_USER = Reply.fromUpstream(550, List.of("5.1.1 No such user"));
    private static final Reply BLOCKED = Reply.fromUpstream(554, List.of("5.7.1 Blocked", "see http://x.test"));

    static Stream<Arguments> results() {
        return Stream.of(
                arguments(accepted("2.0.0 Ok: queued as 1"), 1, "250 2.0.0 Ok: relayed as Ok: queued as 1\r\n"),
                arguments(accepted("Ok"), 9, "250 2.0.0 Ok: relayed as Ok\r\n"),
                arguments(
                        DeliveryResult.accepted("up", Reply.fromUpstream(250, List.of("one", "two"))),
                        1,
                        "250 2.0.0 Ok: relayed as one two\r\n"),
                arguments(
                        DeliveryResult.accepted("spool", StandardReply.MESSAGE_QUEUED.reply("1")),
                        1,
                        "250 2.0.0 Ok: queued as 1\r\n"),
                arguments(
                        DeliveryResult.deferred("up", Reason.UNREACHABLE, "secret\r\n"),
                        1,
                        "421 4.4.2 Temporary local problem: unable to connect to upstream relay\r\n"),
                arguments(
                        DeliveryResult.deferred("up", Reason.FAILED, "secret"),
                        1,
                        "421 4.4.2 Temporary local problem: unable to relay message\r\n"),
                arguments(
                        DeliveryResult.deferred("up", Reason.AMBIGUOUS, "secret"),
                        1,
                        "421 4.4.2 Temporary local problem: unable to relay message\r\n"),
                arguments(
                        DeliveryResult.deferred("up", Reason.NO_ROOM, "secret"),
                        1,
                        "452 4.3.1 Insufficient system storage\r\n"),
                arguments(
                        DeliveryResult.rejected("up", BLOCKED, List.of()),
                        2,
                        "554-5.7.1 Blocked\r\n554 5.7.1 see http://x.test\r\n"),
                arguments(
                        DeliveryResult.rejected("up", NO_USER, List.of(refused("a@b.test"))),
                        1,
                        "550 5.1.1 No such user\r\n"),
                arguments(
                        DeliveryResult.rejected("up", NO_USER, List.of(refused("a@b.test"), refused("c@d.test"))),
                        3,
                        "550-5.1.1 <a@b.test>: No such user\r\n550-5.1.1 <c@d.test>: No such user\r\n"
                                + "550 5.1.1 Message not relayed: 2 of 3 recipients refused\r\n"));
    }

    @ParameterizedTest
    @MethodSource("results")
    void aDeliverysResultBecomesOneReply(DeliveryResult result, int recipients, String wire) {
        assertThat(wire(Replies.of(result, recipients))).isEqualTo(wire);
    }

    @Test
    void onlyWhatAnUpstreamDefersClosesTheConnection() {
        results().forEach(row -> {
            DeliveryResult result = (DeliveryResult) row.get()[0];
            assertThat(Replies.of(result, 2).closes())
                    .isEqualTo(result instanceof Deferred deferred && deferred.reason() != Reason.NO_ROOM);
        });
    }

    @Test
    void namesAHundredRefusedRecipientsAndCountsTheRest() {
        List<RefusedRecipient> refused = IntStream.range(0, 1000)
                .mapToObj(i -> refused("r" + i + "@dest.test"))
                .toList();
        Reply reply = Replies.of(DeliveryResult.rejected("up", NO_USER, refused), 1200);
        assertThat(reply.lines())
                .hasSize(101)
                .contains("<r0@dest.test>: No such user", "<r99@dest.test>: No such user")
                .last()
                .isEqualTo("Message not relayed: 1000 of 1200 recipients refused");
    }

    /** A reply that cannot be built would end the session in place of answering it. */
    @Test
    void neverThrowsWhateverTheUpstreamAndTheAddresses() {
        String label = "d".repeat(63);
        List<String> addresses = List.of(
                "x".repeat(64) + "@" + String.join(".", label, label, label, label),
                "\"a\\\"<>@ b\"@dest.test",
                "gr\u00fc\u00dfe@b\u00fccher.example",
                "\ud83d\ude00@example.org");
        List<Reply> replies = List.of(
                Reply.fromUpstream(559, List.of("5.999.999 " + "y".repeat(2000))),
                Reply.fromUpstream(550, Collections.nCopies(500, "z".repeat(600))),
                Reply.of(500, EnhancedStatus.parse("5.0.0"), ""),
                Reply.withoutStatus(550, "q".repeat(506)),
                BLOCKED.closing());
        for (Reply words : replies) {
            for (int count : new int[] {1, 2, 100, 101, 5000}) {
                List<RefusedRecipient> refused = IntStream.range(0, count)
                        .mapToObj(i ->
                                new RefusedRecipient(MailAddress.parse(addresses.get(i % addresses.size())), words))
                        .toList();
                String wire = wire(Replies.of(DeliveryResult.rejected("up", words, refused), count + 1));
                assertThat(wire.split("(?<=\r\n)"))
                        .hasSize(Math.min(count, 100) + 1)
                        .allSatisfy(line ->
                                assertThat(line).hasSizeLessThanOrEqualTo(512).matches("5[0-9]{2}[ -][ -~]*\r\n"));
            }
        }
        for (Reply words : List.of(
                Reply.fromUpstream(250, List.of()),
                Reply.fromUpstream(250, Collections.nCopies(200, "k".repeat(500))),
                Reply.withoutStatus(200, ""))) {
            assertThat(wire(Replies.of(DeliveryResult.accepted("up", words), 1)))
                    .startsWith("250 2.0.0 Ok: relayed as ")
                    .hasSizeLessThanOrEqualTo(512);
        }
    }

    @Test
    void capabilitiesHaveALineEach() {
        Reply reply = Replies.capabilities("relay.test", List.of("SIZE 10", "HELP"));
        assertThat(wire(reply)).isEqualTo("250-relay.test\r\n250-SIZE 10\r\n250 HELP\r\n");
        assertThat(reply.enhancedStatus()).isEmpty();
    }

    @Test
    void whatTheClientIsToldIsARowOfTheCatalogue() {
        assertThat(Replies.of(accepted("Ok"), 1).standard()).contains(StandardReply.MESSAGE_ACCEPTED);
        assertThat(Replies.of(DeliveryResult.rejected("up", NO_USER, List.of()), 1)
                        .standard())
                .isEmpty();
    }

    private static DeliveryResult accepted(String text) {
        return DeliveryResult.accepted("up", Reply.fromUpstream(250, List.of(text)));
    }

    private static RefusedRecipient refused(String address) {
        return new RefusedRecipient(MailAddress.parse(address), NO_USER);
    }

    private static String wire(Reply reply) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            reply.writeTo(out);
            return out.toString(StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
