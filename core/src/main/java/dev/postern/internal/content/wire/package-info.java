/** Takes the form of the wire off content: dots, line ends, the end of data. Only the packages of this stage see it. */
@NullMarked
package dev.postern.internal.content.wire;

import org.jspecify.annotations.NullMarked;
