package dev.postern.testkit;

/** How clients come in. */
public enum Access {
    /** In clear, with AUTH. */
    CLEAR,
    /** With STARTTLS, before which AUTH is refused by default. */
    STARTTLS,
    /** With TLS from the first octet. */
    IMPLICIT_TLS
}
