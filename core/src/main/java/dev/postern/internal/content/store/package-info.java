/** Holds a message's octets, in memory or in a file. Only the packages of this stage see it. */
@NullMarked
package dev.postern.internal.content.store;

import org.jspecify.annotations.NullMarked;
