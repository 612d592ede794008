/** A shop that confirms orders by mail. */
module com.example.shop {
    requires transitive dev.postern;
    requires transitive dev.postern.spi;
    requires transitive jakarta.mail;

    exports com.example.shop;
}
