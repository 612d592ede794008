package dev.postern.dkim;

import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageSigner;
import dev.postern.testkit.tck.MessageSignerContract;
import dev.postern.tools.OnAnyJdk;

/** With two keys, of both kinds; their signatures have nothing of chance in them. */
@OnAnyJdk
class DkimSignerTckTest extends MessageSignerContract {

    @Override
    protected MessageSigner newSigner() {
        return DkimSigner.of(DkimKeys.of(
                new DkimKey("example.org", "rsa", TestKeys.RSA.getPrivate()),
                new DkimKey("example.org", "ed", TestKeys.ED25519.getPrivate())));
    }

    @Override
    protected Identity identity() {
        return Identity.of("ann").withDomains("example.org");
    }

    @Override
    protected MailAddress author() {
        return MailAddress.parse("ann@example.org");
    }
}
