package dev.postern.management;

import java.util.Optional;

/**
 * What an endpoint serves beside {@link Management}'s own paths, for instance a page for people. The host of a request, and
 * whether another site's page has made it, have been looked at before. Called on the request's thread, by several at the
 * same time; must answer within seconds. An answer of type {@code text/event-stream} is one event: {@link
 * ManagementServer} asks for the next one a second later, and so on, until the client goes.
 */
public interface ManagementPages {

    /**
     * Answers what is no secret: it is served before the token is shown.
     *
     * @param request what was asked
     * @return the answer; empty when this is no such page
     */
    Optional<ManagementResponse> open(ManagementRequest request);

    /**
     * Answers who may use the endpoints.
     *
     * @param request what was asked
     * @return the answer; empty when there is no such page
     */
    Optional<ManagementResponse> guarded(ManagementRequest request);
}
