package dev.postern.spring.app;

import dev.postern.spi.Authenticator;
import java.util.Map;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** An application with a relay, as its author writes it; where its package holds nothing else that is a bean. */
@SpringBootApplication
public class Application {

    @Bean
    Authenticator users() {
        return Authenticator.of(Map.of("alice@example.org", "correct horse"));
    }
}
