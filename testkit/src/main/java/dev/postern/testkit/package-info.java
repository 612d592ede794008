/**
 * Provokes and asserts exact SMTP replies in tests; this package has the relay under test and its environment. Start
 * with {@link dev.postern.testkit.RelayExtension}, or without JUnit with {@link dev.postern.testkit.TestRelay}.
 */
@NullMarked
package dev.postern.testkit;

import org.jspecify.annotations.NullMarked;
