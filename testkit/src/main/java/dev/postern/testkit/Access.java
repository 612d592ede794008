package dev.postern.testkit;

/** How clients connect. */
public enum Access {
    /** Without TLS, with AUTH. */
    CLEAR,
    /** With STARTTLS, before which AUTH is refused by default. */
    STARTTLS,
    /** With TLS from the first octet. */
    IMPLICIT_TLS
}
