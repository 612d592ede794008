@NullMarked
package dev.postern.passwords;

import org.jspecify.annotations.NullMarked;
