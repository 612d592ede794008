/** The fixture, used as a user's test uses it. */
@NullMarked
package dev.postern.junit;

import org.jspecify.annotations.NullMarked;
