/**
 * The relay's settings, in immutable groups. A group starts with its defaults. Each {@code with...} method returns a
 * changed copy, and a wrong value fails at that call, with the setting's name in the message.
 */
@NullMarked
package dev.postern.settings;

import org.jspecify.annotations.NullMarked;
