/** The catalogue to the wire, and the guard around every plug-in. */
@NullMarked
package dev.postern.internal.reply;

import org.jspecify.annotations.NullMarked;
