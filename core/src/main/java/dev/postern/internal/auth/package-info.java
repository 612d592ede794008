/** SASL mechanisms and the limit of failed logins. */
@NullMarked
package dev.postern.internal.auth;

import org.jspecify.annotations.NullMarked;
