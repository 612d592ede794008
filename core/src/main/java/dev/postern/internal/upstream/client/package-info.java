/** The SMTP client: one connection, one message over it, and what the upstream says. */
@NullMarked
package dev.postern.internal.upstream.client;

import org.jspecify.annotations.NullMarked;
