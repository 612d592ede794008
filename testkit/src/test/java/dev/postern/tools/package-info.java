/**
 * Programs of the system that tests of any module talk to. Not of the testkit: no user needs it, and it is not published
 * with it; it is here since every module's tests stand above the testkit.
 */
@org.jspecify.annotations.NullMarked
package dev.postern.tools;
