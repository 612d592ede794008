/**
 * AssertJ assertions on replies, sessions, messages and what a mail library throws; enter by {@link
 * dev.postern.testkit.assertions.SmtpAssertions}.
 */
@NullMarked
package dev.postern.testkit.assertions;

import org.jspecify.annotations.NullMarked;
