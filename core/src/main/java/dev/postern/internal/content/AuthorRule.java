package dev.postern.internal.content;

import dev.postern.internal.content.ContentGate.Refusal;
import dev.postern.internal.content.header.Author;
import dev.postern.internal.content.header.HeaderSection;
import dev.postern.internal.content.header.Text;
import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SenderDomains.Status;
import dev.postern.spi.StandardReply;
import java.text.Normalizer;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
            Pattern.compile("@([\\p{L}\\p{M}\\p{N}-]{1,63}(?:\\.[\\p{L}\\p{M}\\p{N}-]{1,63}){1,9})");

    /**
     * Tops of names that nobody can register: RFC 6761 (localhost, invalid), RFC 6762 with appendix G, RFC 8375, ICANN's
     * internal, and what Linux calls a machine without a domain.
     */
    private static final Set<String> PRIVATE_TOPS = Set.of(
            "corp home home.arpa internal intranet invalid lan local localdomain localhost private".split(" ", -1));

    private static final int MAX_RECEIVED = 50; // more, and the message is in a loop (RFC 5321 section 6.3)

    private static final Pattern HOST_NAME = Pattern.compile("[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?");

    private final MessageRules rules;
    private final SenderDomains domains;
    private @Nullable MailAddress author;

    AuthorRule(MessageRules rules, SenderDomains domains) {
        this.rules = rules;
        this.domains = domains;
    }

    /**
     * Checks the header; of a notification the reverse-path is null, so it is a mail system's, about another message
     * (RFC 5321 section 4.5.5).
     */
    Optional<Refusal> check(HeaderSection header, Identity identity, boolean notification) {
        if (header.receivedFields() > MAX_RECEIVED) {
            return refusal(StandardReply.ROUTING_LOOP, header.receivedFields() + " Received: fields");
        }
        Author found = header.fromFields() == 0 ? new Author.None("no From: field") : Author.of(header.from());
        if (found instanceof Author.One one && header.fromFields() == 1) {
            author = one.address();
            return rules.checks(Check.FROM) ? checkDomain(one, identity, notification) : Optional.empty();
        }
        if (!rules.checks(Check.FROM)) {
            return Optional.empty();
        }
        if (header.fromFields() > 1) {
            return refusal(StandardReply.FROM_MULTIPLE, header.fromFields() + " From: fields");
        }
        if (found instanceof Author.Nobody) {
            return notification ? Optional.empty() : refusal(StandardReply.FROM_MISSING, "From: has no address");
        }
        return found instanceof Author.None none
                ? refusal(StandardReply.FROM_MISSING, none.reason())
                : refusal(StandardReply.FROM_MULTIPLE, "several From: addresses");
    }

    /** The one clear address of From:, once checked; whatever the rules. */
    Optional<MailAddress> author() {
        return Optional.ofNullable(author);
    }

    private Optional<Refusal> checkDomain(Author.One one, Identity identity, boolean notification) {
        // UTS 46 section 4: a domain is normalised before it is looked at, by whatever way it was typed
        String domain =
                MailAddress.foldDomain(Normalizer.normalize(one.address().domain(), Normalizer.Form.NFC));
        Status status = statusOf(domain, identity);
        boolean ofMailSystem = status == Status.FOREIGN && notification && one.isMailSystem();
        if (ofMailSystem) {
            status = isPrivate(domain)
                    ? Status.VALIDATED
                    : identityDomainAbove(domain, identity)
                            .map(above -> statusOf(above, identity))
                            .orElse(status);
        }
        return switch (status) {
            case VALIDATED ->
                rules.checks(Check.IMITATED_AUTHOR) || ofMailSystem
                        ? checkDisplayName(one, identity)
                        : Optional.empty();
            case UNKNOWN -> refusal(StandardReply.UPSTREAM_RELAY_FAILED, "not known for now: " + domain);
            case UNVALIDATED -> refusal(StandardReply.DOMAIN_NOT_AUTHENTICATED, domain);
            case FOREIGN -> refusal(StandardReply.FROM_DOMAIN_MISMATCH, domain);
        };
    }

    private Status statusOf(String domain, Identity identity) {
        // a null is a defect of the host's: never a reason to let mail through
        return Objects.requireNonNull(domains.check(identity, domain), "SenderDomains.check");
    }

    /** A machine of the identity's, whether or not its users may write from there. */
    private static Optional<String> identityDomainAbove(String domain, Identity identity) {
        for (int dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
            String above = domain.substring(dot + 1);
            if (identity.covering(above).isPresent()) {
                return Optional.of(above);
            }
        }
        return Optional.empty();
    }

    /** A name that is nobody's on the internet; nor is a single label (RFC 5321 section 2.3.5). */
    private static boolean isPrivate(String domain) {
        if (!HOST_NAME.matcher(domain).matches()) {
            return false;
        }
        return domain.indexOf('.') < 0
                || PRIVATE_TOPS.stream().anyMatch(top -> domain.equals(top) || domain.endsWith("." + top));
    }

    /** An address in the display name is what most mail programs show in place of the true one. */
    private static Optional<Refusal> checkDisplayName(Author.One one, Identity identity) {
        Matcher shown = SHOWN_ADDRESS.matcher(Text.visible(one.displayName()));
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
