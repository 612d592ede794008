/** The way of a message: the SMTP dialogue, which pulls what the client says; free of sockets. */
@NullMarked
package dev.postern.internal.session;

import org.jspecify.annotations.NullMarked;
