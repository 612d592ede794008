/**
 * AssertJ assertions on replies, sessions, messages and the exceptions of mail libraries; start with {@link
 * dev.postern.testkit.assertions.SmtpAssertions}.
 */
@NullMarked
package dev.postern.testkit.assertions;

import org.jspecify.annotations.NullMarked;
