package dev.postern.spool;

import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.tck.UpstreamDeliveryContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** What the relay relies on in any delivery. */
class SpoolDeliveryContractTest extends UpstreamDeliveryContract {

    @TempDir
    Path directory;

    private @Nullable Scene opened;

    @Override
    protected UpstreamDelivery newDelivery() {
        Scene scene = new Scene(SpoolStore.directory(directory));
        opened = scene;
        return scene.open();
    }

    /** What is accepted is durable; it has arrived when the spool is empty. */
    @Override
    protected List<Arrived> arrived() {
        Scene scene = Objects.requireNonNull(opened);
        if (scene.told(SpoolEvent.Kind.SPOOLED)) {
            while (scene.events.stream()
                            .filter(event -> event.kind() == SpoolEvent.Kind.RELAYED)
                            .count()
                    < scene.events.stream()
                            .filter(event -> event.kind() == SpoolEvent.Kind.SPOOLED)
                            .count()) {
                Scene.pause();
            }
        }
        return scene.arrivedOctets();
    }

    @AfterEach
    void closeScene() {
        Objects.requireNonNull(opened).close();
    }
}
