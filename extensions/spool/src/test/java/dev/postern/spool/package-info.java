@NullMarked
package dev.postern.spool;

import org.jspecify.annotations.NullMarked;
