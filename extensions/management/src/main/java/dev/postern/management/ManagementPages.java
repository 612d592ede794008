package dev.postern.management;

import java.util.Optional;

/**
 * Pages that an endpoint serves beside {@link Management}'s own paths. A request's host, and whether another site's
 * page made it, have already been checked. Called on the request's thread, concurrently; must answer within seconds. A
 * response of type {@code text/event-stream} is one event: {@link ManagementServer} asks for the next one every second
 * until the client disconnects.
 */
public interface ManagementPages {

    /**
     * Returns a public page, which needs no token.
     *
     * @param request the request
     * @return the response; empty when there is no such page
     */
    Optional<ManagementResponse> open(ManagementRequest request);

    /**
     * Returns a page for those who may use the endpoints.
     *
     * @param request the request
     * @return the response; empty when there is no such page
     */
    Optional<ManagementResponse> guarded(ManagementRequest request);
}
