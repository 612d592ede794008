/** What the build runs beside the tests. */
@NullMarked
package dev.postern.tools;

import org.jspecify.annotations.NullMarked;
