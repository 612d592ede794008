@NullMarked
package dev.postern.console;

import org.jspecify.annotations.NullMarked;
