/** Receives, checks and holds message content. */
@NullMarked
package dev.postern.internal.content;

import org.jspecify.annotations.NullMarked;
