/**
 * The relay. A module that requires this one needs no other: it reads {@code dev.postern.spi} too.
 */
module dev.postern {
    requires transitive dev.postern.spi;
    requires com.github.benmanes.caffeine;
    requires com.ongres.saslprep;
    requires jakarta.mail;
    requires org.apache.tika.core;
    requires org.slf4j;
    requires subethasmtp; // an automatic module, named after its jar
    requires static org.jspecify;

    exports dev.postern;
    exports dev.postern.settings;
}
