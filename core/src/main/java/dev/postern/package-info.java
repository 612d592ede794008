/** What a host application types: the relay, its builder and a few settings. */
@NullMarked
package dev.postern;

import org.jspecify.annotations.NullMarked;
