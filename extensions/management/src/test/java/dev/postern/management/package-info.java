@NullMarked
package dev.postern.management;

import org.jspecify.annotations.NullMarked;
