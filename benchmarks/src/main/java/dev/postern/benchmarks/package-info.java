/** Loads the relay and its upstreams, and looks at what arrives. */
@NullMarked
package dev.postern.benchmarks;

import org.jspecify.annotations.NullMarked;
