/**
 * Contracts: tests of what the relay relies on in a plug-in. To test a plug-in, extend the contract of its interface,
 * return the plug-in from the factory methods, and run it with JUnit.
 *
 * <p>The names tell how binding a rule is. {@code required_}: the relay's promises to clients depend on the rule.
 * {@code optional_}: the rule is about something that not every implementation has; without it, the test is reported as
 * skipped, with the hook to override. {@code untested_}: a test cannot check the rule without measuring time; always
 * reported as skipped, so that the gap is visible.
 *
 * <p>Each test uses unique names for accounts, users and addresses, so a shared database need not be empty.
 */
@NullMarked
package dev.postern.testkit.tck;

import org.jspecify.annotations.NullMarked;
