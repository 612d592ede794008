/** Session counters, lifetime and message count. */
@NullMarked
package dev.postern.internal.admission;

import org.jspecify.annotations.NullMarked;
