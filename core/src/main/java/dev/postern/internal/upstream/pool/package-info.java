/** How many connections there are and for how long, and when none is tried. */
@NullMarked
package dev.postern.internal.upstream.pool;

import org.jspecify.annotations.NullMarked;
