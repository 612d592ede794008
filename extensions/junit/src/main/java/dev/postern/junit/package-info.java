/** A relay as a fixture of a test, in one line: {@link dev.postern.junit.Relay}. */
@NullMarked
package dev.postern.junit;

import org.jspecify.annotations.NullMarked;
