/** A web page that shows a running relay and the mail that it caught. */
@NullMarked
package dev.postern.console;

import org.jspecify.annotations.NullMarked;
