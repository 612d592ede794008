/** Quota, sessions and failed logins in a Redis that several relays share. */
@NullMarked
package dev.postern.redis;

import org.jspecify.annotations.NullMarked;
