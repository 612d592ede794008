/**
 * What a relay goes by: groups of settings, each immutable. A group begins with its defaults; each {@code with...} method
 * returns a changed copy and fails at the call that is wrong, with the setting's name. The same objects go from the
 * builder to the part of the relay that obeys them.
 */
@NullMarked
package dev.postern.settings;

import org.jspecify.annotations.NullMarked;
