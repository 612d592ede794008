/** The examples of docs/, compiled and run, and what holds the documents to the code. */
@NullMarked
package dev.postern.guide;

import org.jspecify.annotations.NullMarked;
