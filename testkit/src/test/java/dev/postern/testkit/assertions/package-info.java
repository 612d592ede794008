/** Assertions, and the texts of their failures. */
@NullMarked
package dev.postern.testkit.assertions;

import org.jspecify.annotations.NullMarked;
