/** The relay among clients that do everything wrong: fuzzed dialogues, and clients that vanish, stall and crash. */
@NullMarked
package dev.postern.robustness;

import org.jspecify.annotations.NullMarked;
