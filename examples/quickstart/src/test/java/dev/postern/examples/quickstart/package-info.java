/** Tests of the quickstart: options in this JVM, the flow in a JVM of its own. */
@NullMarked
package dev.postern.examples.quickstart;

import org.jspecify.annotations.NullMarked;
