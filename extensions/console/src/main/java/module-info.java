/** A page that shows a running relay, and the mail that it caught. */
module dev.postern.console {
    requires transitive dev.postern.management;
    requires apache.mime4j.core;
    requires com.google.gson;
    requires org.jsoup;
    requires static org.jspecify;

    exports dev.postern.console;
}
