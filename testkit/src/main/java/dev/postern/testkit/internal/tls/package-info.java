/** Keys and certificates of tests. */
@NullMarked
package dev.postern.testkit.internal.tls;

import org.jspecify.annotations.NullMarked;
