/** Users in an LDAP directory. */
module dev.postern.ldap {
    requires transitive dev.postern.spi;
    requires org.slf4j;
    requires unboundid.ldapsdk;
    requires static org.jspecify;

    exports dev.postern.ldap;
}
