/** The fake upstream, as a client sees it. */
@NullMarked
package dev.postern.testkit.upstream;

import org.jspecify.annotations.NullMarked;
