/** OAuth 2.0 access tokens: JWTs are checked by the issuer's published keys, others by asking the issuer. */
@NullMarked
package dev.postern.jwt;

import org.jspecify.annotations.NullMarked;
