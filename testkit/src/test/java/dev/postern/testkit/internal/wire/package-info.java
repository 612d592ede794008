/** What is kept of a connection. */
@NullMarked
package dev.postern.testkit.internal.wire;

import org.jspecify.annotations.NullMarked;
