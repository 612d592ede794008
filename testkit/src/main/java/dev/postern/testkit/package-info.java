/** What a test uses to provoke and assert exact SMTP replies. */
@NullMarked
package dev.postern.testkit;

import org.jspecify.annotations.NullMarked;
