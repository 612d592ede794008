/** Hashes of passwords, and users in a file. */
@NullMarked
package dev.postern.passwords;

import org.jspecify.annotations.NullMarked;
