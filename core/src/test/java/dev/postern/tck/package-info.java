/** The core's own plug-ins, held to the testkit's contracts. */
@NullMarked
package dev.postern.tck;

import org.jspecify.annotations.NullMarked;
