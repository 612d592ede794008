/** Quota, sessions and failed logins in a Redis shared by several relays. */
@NullMarked
package dev.postern.redis;

import org.jspecify.annotations.NullMarked;
