/** Parsing of MAIL and RCPT, and the limit of recipients. */
@NullMarked
package dev.postern.internal.envelope;

import org.jspecify.annotations.NullMarked;
