/** What the shop's tests need; JUnit looks into it. */
open module com.example.shop.tests {
    requires com.example.shop;
    requires dev.postern.testkit;
    requires org.junit.jupiter.api;
}
