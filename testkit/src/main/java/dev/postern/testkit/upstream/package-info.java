/** A fake server to deliver to, and the messages that it has accepted. */
@NullMarked
package dev.postern.testkit.upstream;

import org.jspecify.annotations.NullMarked;
