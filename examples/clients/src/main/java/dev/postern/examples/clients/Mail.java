package dev.postern.examples.clients;

import java.util.List;

/** What is to be sent: a text, to one recipient or several. */
public record Mail(String from, List<String> to, String subject, String text) {}
