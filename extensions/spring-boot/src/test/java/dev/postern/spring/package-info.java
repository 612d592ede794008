@NullMarked
package dev.postern.spring;

import org.jspecify.annotations.NullMarked;
