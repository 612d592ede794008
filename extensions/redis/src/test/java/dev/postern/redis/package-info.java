@NullMarked
package dev.postern.redis;

import org.jspecify.annotations.NullMarked;
