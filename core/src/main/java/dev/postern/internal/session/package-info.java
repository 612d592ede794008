/** The way of a message: the SMTP state machine, free of sockets. */
@NullMarked
package dev.postern.internal.session;

import org.jspecify.annotations.NullMarked;
