package dev.postern.tck;

import dev.postern.spi.Identity;
import dev.postern.spi.SenderDomains;
import dev.postern.testkit.tck.SenderDomainsContract;
import dev.postern.tools.OnAnyJdk;
import java.util.Optional;
import java.util.Set;

@OnAnyJdk
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
