/** What stands before a relay, with a fake upstream in the place of the relay. */
@NullMarked
package dev.postern.testkit.internal.front;

import org.jspecify.annotations.NullMarked;
