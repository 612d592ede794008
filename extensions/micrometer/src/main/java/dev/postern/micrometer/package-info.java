/** Meters and observations of a relay, by Micrometer. */
@NullMarked
package dev.postern.micrometer;

import org.jspecify.annotations.NullMarked;
