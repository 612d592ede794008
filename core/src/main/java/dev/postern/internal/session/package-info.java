/** Session counters, lifetime and message count. */
@NullMarked
package dev.postern.internal.session;

import org.jspecify.annotations.NullMarked;
