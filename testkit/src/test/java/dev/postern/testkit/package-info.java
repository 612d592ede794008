/** The testkit tested with itself, over real sockets: a fake upstream is a server for a probe. */
@NullMarked
package dev.postern.testkit;

import org.jspecify.annotations.NullMarked;
