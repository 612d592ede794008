package dev.postern.internal.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.content.ContentGate.Checked;
import dev.postern.internal.content.ContentGate.Origin;
import dev.postern.internal.content.ContentGate.Receiver;
import dev.postern.internal.reply.Judged;
import dev.postern.settings.Check;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spi.ReversePath;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.StandardReply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Gates, messages and what becomes of them. */
final class Fixture {

    static final Instant NOON = Instant.parse("2026-03-04T12:00:05Z");
    static final Identity ALICE = Identity.of("alice@example.org").withDomains("example.org", "unvalidated.example");
    static final SenderDomains DOMAINS = SenderDomains.ofIdentityExcept(java.util.Set.of("unvalidated.example"));

    private Fixture() {}

    /** Nothing is checked or mended: what goes in comes out, but for line ends and dots. */
    static final MessageRules PLAIN =
            MessageRules.defaults().without(FixUp.values()).without(Check.values());

    static ContentGate gate(MessageRules rules) {
        return gate(rules, ContentStorage.defaults());
    }

    static ContentGate gate(SenderDomains domains) {
        return new ContentGate("relay.example", MessageRules.defaults(), ContentStorage.defaults(), domains);
    }

    static ContentGate gate(MessageRules rules, ContentStorage storage) {
        return new ContentGate("relay.example", rules, storage, DOMAINS);
    }

    static Origin origin() {
        return origin("client.example", "192.0.2.7", "bob@example.net");
    }

    static Origin origin(String helo, String ip, String... recipients) {
        return new Origin(
                "m1",
                ClientInfo.of("s1", address(ip), address("192.0.2.1")).withHelo(helo),
                ALICE,
                true,
                true,
                envelope(recipients),
                NOON);
    }

    /** A message with the null reverse-path. */
    static Origin notification(Identity identity) {
        Origin message = origin();
        return new Origin(
                message.messageId(),
                message.client(),
                identity,
                message.authenticatedBySasl(),
                message.extended(),
                new Envelope(
                        ReversePath.empty(),
                        EsmtpParameters.none(),
                        message.envelope().recipients()),
                message.received());
    }

    static Envelope envelope(String... recipients) {
        return new Envelope(
                ReversePath.of(MailAddress.parse("alice@example.org")),
                EsmtpParameters.none(),
                List.of(recipients).stream().map(Recipient::of).toList());
    }

    static InetSocketAddress address(String ip) {
        try {
            return new InetSocketAddress(InetAddress.getByName(ip), 4711);
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String text(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }

    static Receiver open(ContentGate gate) {
        return open(gate, Long.MAX_VALUE);
    }

    static Receiver open(ContentGate gate, long maxSize) {
        return gate.open(-1, maxSize).value();
    }

    /** What a message becomes: its content, or the refusal's reply. */
    record Result(String content, boolean eightBit, Reply reply, String detail) {
        boolean passed() {
            return reply.code() < 400;
        }

        StandardReply row() {
            return reply.standard().orElseThrow();
        }
    }

    /** Sends a message by BDAT, which needs no stuffing, in one chunk. */
    static Result send(MessageRules rules, String message) {
        return send(rules, octets(message), Integer.MAX_VALUE, origin());
    }

    static Result send(MessageRules rules, byte[] message, int block, Origin origin) {
        return send(gate(rules), message, block, origin);
    }

    /** Closes the gate too. */
    static Result send(ContentGate gate, byte[] message, int block, Origin origin) {
        try (gate;
                Receiver receiver = open(gate)) {
            int count;
            for (int i = 0; i < message.length; i += count) {
                count = Math.min(block, message.length - i);
                receiver.chunk(message, i, count);
            }
            return result(receiver.finish(origin));
        }
    }

    static Result result(Judged<Checked> outcome) {
        if (outcome instanceof Judged.Refused<Checked> refused) {
            assertThat(refused.reply().closes()).isFalse();
            assertThat(refused.detail())
                    .isEqualTo(
                            Reply.printable(refused.detail(), refused.detail().length()));
            return new Result("", false, refused.reply(), refused.detail());
        }
        MessageContent content = outcome.value().content();
        byte[] written = written(content);
        assertThat(read(content)).isEqualTo(written);
        assertThat(content.size()).isEqualTo(written.length);
        return new Result(text(written), content.eightBit(), StandardReply.NOOP_OK.reply(), "");
    }

    static byte[] written(MessageContent content) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            content.writeTo(out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] read(MessageContent content) {
        try (var in = content.open()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String reply(StandardReply row) {
        return row.reply().toString();
    }

    static ContentStorage inDirectory(Path directory) {
        return ContentStorage.defaults().withDirectory(directory);
    }

    /** A directory that goes, with whatever was mounted there for instance, after the relay was told of it. */
    static ContentStorage inDirectoryThatGoes(Path parent) {
        try {
            Path directory = Files.createDirectory(parent.resolve("gone"));
            ContentStorage storage = inDirectory(directory);
            Files.delete(directory);
            return storage;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
