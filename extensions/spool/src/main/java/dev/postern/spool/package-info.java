/** A spool that keeps mail on disk until the upstream has it. */
@NullMarked
package dev.postern.spool;

import org.jspecify.annotations.NullMarked;
