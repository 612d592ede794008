/** Quota in process, and the reservation of a message. */
@NullMarked
package dev.postern.internal.quota;

import org.jspecify.annotations.NullMarked;
