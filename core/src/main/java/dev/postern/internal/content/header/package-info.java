/** Reads header sections and the fields that are judged. Only the packages of this stage see it. */
@NullMarked
package dev.postern.internal.content.header;

import org.jspecify.annotations.NullMarked;
