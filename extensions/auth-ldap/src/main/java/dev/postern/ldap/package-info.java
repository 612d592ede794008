/** Users in an LDAP directory, which is queried at each login; nothing is cached. */
@NullMarked
package dev.postern.ldap;

import org.jspecify.annotations.NullMarked;
