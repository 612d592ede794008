package dev.postern.internal.upstream.client;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The stage has one logger, which bears its door's name. */
public final class StageLog {

    public static final Logger LOG = LoggerFactory.getLogger("dev.postern.internal.upstream.UpstreamPool");

    private StageLog() {}
}
