package dev.postern.spring;

import dev.postern.spi.Authenticator;
import java.util.Map;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** An application with a relay, as its author writes it. */
@SpringBootApplication
class Application {

    @Bean
    Authenticator users() {
        return Authenticator.of(Map.of("alice@example.org", "correct horse"));
    }
}
