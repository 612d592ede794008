package dev.postern.tck;

import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.tck.PolicyContract;
import dev.postern.tools.OnAnyJdk;
import java.util.List;
import java.util.Optional;

@OnAnyJdk
class AlignedSenderTckTest extends PolicyContract {

    private final EnvelopePolicy policy = EnvelopePolicy.senderInIdentityDomains();
    private final Identity alice = Identity.of("alice@client.test");

    @Override
    protected List<Example> passing() {
        return List.of(
                sending(policy, alice, "anything@client.test"),
                sending(policy, alice, "alice@CLIENT.test"),
                sending(policy, alice, ""),
                receiving(policy, alice, "alice@client.test", "bob@dest.test"));
    }

    @Override
    protected List<Example> refused() {
        return List.of(sending(policy, alice, "alice@beta.test"), sending(policy, alice, "alice@sub.client.test"));
    }

    @Override
    protected Optional<Reply> refusal() {
        return Optional.of(StandardReply.SENDER_NOT_ALLOWED.reply());
    }
}
