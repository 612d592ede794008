/** The API of a host application: the relay, its builder and a few settings. */
@NullMarked
package dev.postern;

import org.jspecify.annotations.NullMarked;
