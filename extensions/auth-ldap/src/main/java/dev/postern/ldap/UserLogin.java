package dev.postern.ldap;

import com.unboundid.ldap.sdk.LDAPException;
import dev.postern.spi.AuthResult;

/** A way to find out who has a name and a password. For any thread. */
interface UserLogin {

    /** Asks the directory; neither is empty. */
    AuthResult login(String name, byte[] secret, Deadline deadline) throws LDAPException;
}
