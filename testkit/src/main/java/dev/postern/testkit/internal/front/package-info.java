/**
 * What stands before the relay under test: passes on what both sides say, writes it down, and fails where it is told
 * to.
 */
@NullMarked
package dev.postern.testkit.internal.front;

import org.jspecify.annotations.NullMarked;
