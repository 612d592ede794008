/** Faults: what goes wrong, where, and how often; the same for the relay under test and for a fake upstream. */
@NullMarked
package dev.postern.testkit.fault;

import org.jspecify.annotations.NullMarked;
