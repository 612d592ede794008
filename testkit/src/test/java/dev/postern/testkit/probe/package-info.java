/** The probe, against servers that say the wrong things. */
@NullMarked
package dev.postern.testkit.probe;

import org.jspecify.annotations.NullMarked;
