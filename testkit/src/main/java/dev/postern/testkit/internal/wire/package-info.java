/** Octets on a connection, and what is kept of them for failure texts. */
@NullMarked
package dev.postern.testkit.internal.wire;

import org.jspecify.annotations.NullMarked;
