package dev.postern.jdbc;

import dev.postern.stores.SharingTests;

class H2SharingTest extends SharingTests {
    H2SharingTest() {
        super(Backend.H2.freshServer());
    }
}
