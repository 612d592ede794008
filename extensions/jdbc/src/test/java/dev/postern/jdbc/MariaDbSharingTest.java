package dev.postern.jdbc;

import dev.postern.stores.SharingTests;

class MariaDbSharingTest extends SharingTests {
    MariaDbSharingTest() {
        super(Backend.MARIADB.freshServer());
    }
}
