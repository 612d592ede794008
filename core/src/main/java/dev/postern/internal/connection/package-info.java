/** Listeners, TLS and the reading of lines and content; the only user of SubEthaSMTP. */
@NullMarked
package dev.postern.internal.connection;

import org.jspecify.annotations.NullMarked;
