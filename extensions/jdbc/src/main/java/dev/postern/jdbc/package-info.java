/** Quota, sessions, failed logins and users in a database that several relays share. */
@NullMarked
package dev.postern.jdbc;

import org.jspecify.annotations.NullMarked;
