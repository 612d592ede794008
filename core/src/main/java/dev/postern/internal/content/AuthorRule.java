package dev.postern.internal.content;

import dev.postern.internal.content.ContentGate.Refusal;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SenderDomains.Status;
import dev.postern.spi.StandardReply;
import java.util.Objects;
import java.util.Optional;

/** Holds a message to the rules of its header: hops, exactly one author, of a domain that is the sender's. */
final class AuthorRule {

    private final ContentGate.Settings settings;
    private final SenderDomains domains;

    AuthorRule(ContentGate.Settings settings, SenderDomains domains) {
        this.settings = settings;
        this.domains = domains;
    }

    Optional<Refusal> check(HeaderSection header, Identity identity) {
        if (header.receivedFields() > settings.maxReceivedFields()) {
            return refusal(StandardReply.ROUTING_LOOP, header.receivedFields() + " Received: fields");
        }
        if (!settings.checkFrom()) {
            return Optional.empty();
        }
        if (header.fromFields() > 1) {
            return refusal(StandardReply.FROM_MULTIPLE, header.fromFields() + " From: fields");
        }
        Author author = header.fromFields() == 0 ? new Author.None("no From: field") : Author.of(header.from());
        if (author instanceof Author.Several) {
            return refusal(StandardReply.FROM_MULTIPLE, "several From: addresses");
        }
        if (author instanceof Author.None none) {
            return refusal(StandardReply.FROM_MISSING, none.reason());
        }
        return checkDomain(((Author.One) author).address(), identity);
    }

    private Optional<Refusal> checkDomain(MailAddress address, Identity identity) {
        String domain = MailAddress.foldDomain(address.domain());
        // a null is a defect of the host's: never a reason to let mail through
        Status status = Objects.requireNonNull(domains.check(identity, domain), "SenderDomains.check");
        return switch (status) {
            case VALIDATED -> Optional.empty();
            case UNVALIDATED -> refusal(StandardReply.DOMAIN_NOT_AUTHENTICATED, domain);
            case FOREIGN -> refusal(StandardReply.FROM_DOMAIN_MISMATCH, domain);
        };
    }

    private static Optional<Refusal> refusal(StandardReply reply, String detail) {
        return Optional.of(new Refusal(reply, detail));
    }
}
