/** Meters and observations of a relay, with Micrometer. */
@NullMarked
package dev.postern.micrometer;

import org.jspecify.annotations.NullMarked;
