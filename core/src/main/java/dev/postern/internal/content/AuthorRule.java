package dev.postern.internal.content;

import dev.postern.internal.content.ContentGate.Refusal;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SenderDomains.Status;
import dev.postern.spi.StandardReply;
import java.text.Normalizer;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Holds a message to the rules of its header: hops, exactly one author, of a domain that is the sender's. Sender: (RFC
 * 5322 section 3.6.2) and the Resent- fields (section 3.6.6) say who transmits, not who writes; no mail program shows
 * them for the author, so they are nobody's claim and are not looked at.
 */
final class AuthorRule {

    /** What a reader takes for an address: an at sign and a domain with a dot. */
    private static final Pattern SHOWN_ADDRESS =
            Pattern.compile("@([\\p{L}\\p{N}-]{1,63}(?:\\.[\\p{L}\\p{N}-]{1,63}){1,9})");

    private final ContentGate.Settings settings;
    private final SenderDomains domains;
    private @Nullable MailAddress author;

    AuthorRule(ContentGate.Settings settings, SenderDomains domains) {
        this.settings = settings;
        this.domains = domains;
    }

    Optional<Refusal> check(HeaderSection header, Identity identity) {
        if (header.receivedFields() > settings.maxReceivedFields()) {
            return refusal(StandardReply.ROUTING_LOOP, header.receivedFields() + " Received: fields");
        }
        Author found = header.fromFields() == 0 ? new Author.None("no From: field") : Author.of(header.from());
        if (found instanceof Author.One one && header.fromFields() == 1) {
            author = one.address();
            return settings.checkFrom() ? checkDomain(one, identity) : Optional.empty();
        }
        if (!settings.checkFrom()) {
            return Optional.empty();
        }
        if (header.fromFields() > 1) {
            return refusal(StandardReply.FROM_MULTIPLE, header.fromFields() + " From: fields");
        }
        return found instanceof Author.None none
                ? refusal(StandardReply.FROM_MISSING, none.reason())
                : refusal(StandardReply.FROM_MULTIPLE, "several From: addresses");
    }

    /** The one clear address of From:, once checked; whatever the settings. */
    Optional<MailAddress> author() {
        return Optional.ofNullable(author);
    }

    private Optional<Refusal> checkDomain(Author.One one, Identity identity) {
        String domain = MailAddress.foldDomain(one.address().domain());
        // a null is a defect of the host's: never a reason to let mail through
        Status status = Objects.requireNonNull(domains.check(identity, domain), "SenderDomains.check");
        return switch (status) {
            case VALIDATED -> settings.refuseImitation() ? checkDisplayName(one, identity) : Optional.empty();
            case UNKNOWN -> refusal(StandardReply.UPSTREAM_RELAY_FAILED, "not known for now: " + domain);
            case UNVALIDATED -> refusal(StandardReply.DOMAIN_NOT_AUTHENTICATED, domain);
            case FOREIGN -> refusal(StandardReply.FROM_DOMAIN_MISMATCH, domain);
        };
    }

    /** An address in the display name is what most mail programs show in place of the true one. */
    private static Optional<Refusal> checkDisplayName(Author.One one, Identity identity) {
        // wide and small at signs and dots look like the plain ones (UAX 15)
        Matcher shown = SHOWN_ADDRESS.matcher(Normalizer.normalize(one.displayName(), Normalizer.Form.NFKC));
        while (shown.find()) {
            String domain = MailAddress.foldDomain(shown.group(1));
            boolean ownOrTrue = identity.covering(domain).isPresent()
                    || domain.equals(MailAddress.foldDomain(one.address().domain()));
            if (!ownOrTrue) {
                return refusal(StandardReply.FROM_DOMAIN_MISMATCH, "display name shows an address of " + domain);
            }
        }
        return Optional.empty();
    }

    private static Optional<Refusal> refusal(StandardReply reply, String detail) {
        return Optional.of(new Refusal(reply, detail));
    }
}
