/**
 * Contracts: what the relay relies on in a plug-in, as tests. Whoever writes one extends the contract of its interface,
 * gives it the plug-in through the factory methods, and runs it with JUnit.
 *
 * <p>The names say how binding a rule is. {@code required_}: the relay promises things to clients that hold only when the
 * rule does. {@code optional_}: the rule is about something that not every implementation has; the test is reported as
 * skipped, with the hook to override, where there is nothing to try it with. {@code untested_}: a rule that a test cannot
 * check without measuring time; always reported as skipped, so that the gap is seen.
 *
 * <p>Contracts use names of their own for accounts, users and addresses in each test, so that a shared database need not
 * be empty.
 */
@NullMarked
package dev.postern.testkit.tck;

import org.jspecify.annotations.NullMarked;
