package dev.postern.dkim;

import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageSigner;
import dev.postern.testkit.tck.MessageSignerContract;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;

/** With two keys, of both kinds; their signatures have nothing of chance in them. */
class DkimSignerTckTest extends MessageSignerContract {

    @Override
    protected MessageSigner newSigner() throws NoSuchAlgorithmException {
        return DkimSigner.of(DkimKeys.of(key("rsa", "RSA", 2048), key("ed", "Ed25519", 255)));
    }

    private static DkimKey key(String selector, String algorithm, int bits) throws NoSuchAlgorithmException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(bits);
        return new DkimKey("example.org", selector, generator.generateKeyPair().getPrivate());
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
