/** A program whose users are elsewhere: the modules for that are all that it names. */
module com.example.logins {
    requires dev.postern.jwt;
    requires dev.postern.ldap;
}
