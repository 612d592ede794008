/** OAuth 2.0 access tokens. */
module dev.postern.jwt {
    requires transitive dev.postern.spi;
    requires com.nimbusds.jose.jwt;
    requires java.net.http;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.postern.jwt;
}
