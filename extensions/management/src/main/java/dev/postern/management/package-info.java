/** Watches and steers a running relay by HTTP. */
@NullMarked
package dev.postern.management;

import org.jspecify.annotations.NullMarked;
