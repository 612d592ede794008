/** Each contract is proved: a right implementation passes, and each wrong one fails the test that names its fault. */
@NullMarked
package dev.postern.testkit.tck;

import org.jspecify.annotations.NullMarked;
