/** Waiting by the relay's clock: for what blocks on a socket, and for a host's code. */
@NullMarked
package dev.postern.internal.time;

import org.jspecify.annotations.NullMarked;
