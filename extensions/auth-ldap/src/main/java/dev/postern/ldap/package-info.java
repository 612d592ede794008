/** Users in an LDAP directory: the relay asks it at each login, and keeps nothing. */
@NullMarked
package dev.postern.ldap;

import org.jspecify.annotations.NullMarked;
