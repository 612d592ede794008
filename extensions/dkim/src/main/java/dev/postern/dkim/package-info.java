/** Signs messages with DKIM (RFC 6376, RFC 8463). */
@NullMarked
package dev.postern.dkim;

import org.jspecify.annotations.NullMarked;
