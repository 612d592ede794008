/** An application's relay in its tests. */
@NullMarked
package dev.postern.spring.test;

import org.jspecify.annotations.NullMarked;
