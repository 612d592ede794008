package dev.postern.internal.content;

final class HeaderSection {}
