/** Users in a file, and hashes of passwords. */
module dev.postern.passwords {
    requires transitive dev.postern.spi;
    requires com.ongres.saslprep;
    requires org.apache.commons.codec;
    requires org.slf4j;
    requires password4j; // an automatic module, named after its jar
    requires static org.jspecify;

    exports dev.postern.passwords;
}
