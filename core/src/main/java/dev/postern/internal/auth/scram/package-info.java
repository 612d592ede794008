/** The messages of SCRAM (RFC 5802 section 7), and what is computed of them. */
@NullMarked
package dev.postern.internal.auth.scram;

import org.jspecify.annotations.NullMarked;
