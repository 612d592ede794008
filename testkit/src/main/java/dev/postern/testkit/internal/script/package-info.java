/** Which fault comes next, and how it is carried out. */
@NullMarked
package dev.postern.testkit.internal.script;

import org.jspecify.annotations.NullMarked;
