/** Waiting by the relay's clock: what every stage that blocks on a socket needs. */
@NullMarked
package dev.postern.internal.time;

import org.jspecify.annotations.NullMarked;
