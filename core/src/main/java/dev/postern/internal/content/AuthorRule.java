package dev.postern.internal.content;

import dev.postern.spi.Identity;
import dev.postern.spi.SenderDomains;
import java.util.Optional;

final class AuthorRule {
    AuthorRule(ContentGate.Settings settings, SenderDomains domains) {}

    Optional<ContentGate.Refusal> check(HeaderSection header, Identity identity) {
        return Optional.empty();
    }
}
