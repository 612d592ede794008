/** Faults, over real sockets: a fake upstream is a server for a probe. */
@NullMarked
package dev.postern.testkit.fault;

import org.jspecify.annotations.NullMarked;
