/** Watches and steers a running relay by HTTP. */
module dev.postern.management {
    requires transitive dev.postern;
    requires com.google.gson;
    requires jdk.httpserver;
    requires org.slf4j;
    requires static dev.postern.spool;
    requires static org.jspecify;

    exports dev.postern.management;
}
