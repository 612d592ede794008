/** A relay as a test fixture, in one line: {@link dev.postern.junit.Relay}. */
@NullMarked
package dev.postern.junit;

import org.jspecify.annotations.NullMarked;
