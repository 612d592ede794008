package dev.postern.spool;

import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.tck.UpstreamDeliveryContract;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** What the relay relies on in any delivery. */
class SpoolDeliveryContractTest extends UpstreamDeliveryContract {

    @TempDir
    Path directory;

    private Scene scene;
    private Spool spool;

    @Override
    protected UpstreamDelivery newDelivery() {
        scene = new Scene(SpoolStore.directory(directory));
        spool = scene.open();
        return spool;
    }

    /** What is accepted is durable; it has arrived when the spool is empty. */
    @Override
    protected List<Arrived> arrived() {
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
        scene.close();
    }
}
