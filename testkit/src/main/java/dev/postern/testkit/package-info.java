/**
 * What a test uses to provoke and assert exact SMTP replies: here the relay under test and what surrounds it. Enter by {@link
 * dev.postern.testkit.RelayExtension}, or without JUnit by {@link dev.postern.testkit.TestRelay}.
 */
@NullMarked
package dev.postern.testkit;

import org.jspecify.annotations.NullMarked;
