/** Looks at octets, for every stage that reads what somebody sent. */
@NullMarked
package dev.postern.internal.octets;

import org.jspecify.annotations.NullMarked;
