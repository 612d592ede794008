/** Listeners, TLS and the reading of lines and content. */
@NullMarked
package dev.postern.internal.connection;

import org.jspecify.annotations.NullMarked;
