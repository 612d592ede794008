@NullMarked
package dev.postern.spring.app;

import org.jspecify.annotations.NullMarked;
