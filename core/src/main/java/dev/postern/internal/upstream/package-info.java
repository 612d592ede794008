/** Our own SMTP client and its connections. */
@NullMarked
package dev.postern.internal.upstream;

import org.jspecify.annotations.NullMarked;
