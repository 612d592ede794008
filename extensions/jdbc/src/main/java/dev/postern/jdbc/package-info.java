/** Quota, sessions, failed logins and users in a database shared by several relays. */
@NullMarked
package dev.postern.jdbc;

import org.jspecify.annotations.NullMarked;
