/** The relay as a command: every knob of the builder is an option. */
@NullMarked
package dev.postern.examples.quickstart;

import org.jspecify.annotations.NullMarked;
