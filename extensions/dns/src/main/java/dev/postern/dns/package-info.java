/** Validates sender domains by DNS. */
@NullMarked
package dev.postern.dns;

import org.jspecify.annotations.NullMarked;
