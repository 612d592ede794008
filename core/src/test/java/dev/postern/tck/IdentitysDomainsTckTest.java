package dev.postern.tck;

import dev.postern.spi.Identity;
import dev.postern.spi.SenderDomains;
import dev.postern.testkit.tck.SenderDomainsContract;
import java.util.Optional;
import java.util.Set;

class IdentitysDomainsTckTest extends SenderDomainsContract {

    @Override
    protected SenderDomains newSenderDomains() {
        return SenderDomains.ofIdentityExcept(Set.of("new.client.test"));
    }

    @Override
    protected Identity identity() {
        return Identity.of("alice@client.test").withDomains("client.test", "new.client.test");
    }

    @Override
    protected String validatedDomain() {
        return "client.test";
    }

    @Override
    protected Optional<String> unvalidatedDomain() {
        return Optional.of("new.client.test");
    }
}
