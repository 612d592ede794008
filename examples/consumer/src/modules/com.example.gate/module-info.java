/** A program with a relay: no other module is named. */
module com.example.gate {
    requires dev.postern;
}
