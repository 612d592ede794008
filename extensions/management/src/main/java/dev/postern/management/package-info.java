/** Monitors and controls a running relay over HTTP. */
@NullMarked
package dev.postern.management;

import org.jspecify.annotations.NullMarked;
