/** Calls to plug-ins: guarded, bounded in time, and given up for a while when one does not answer. */
@NullMarked
package dev.postern.internal.plugin;

import org.jspecify.annotations.NullMarked;
