package dev.postern.spring;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spring.app.Application;
import dev.postern.testkit.probe.SmtpProbe;
import org.junit.jupiter.api.Test;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;

/** The application as Spring writes it before it runs: its beans are found without looking for them. */
class AotTest {

    @Test
    @CompileWithForkedClassLoader // what is written for a package sees what that package alone does
    void whatAheadOfTimeProcessingWritesIsARelayToo() {
        TestGenerationContext generation = new TestGenerationContext();
        AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext();
        withProperties(application);
        application.register(Application.class);
        var initializer = new ApplicationContextAotGenerator().processAheadOfTime(application, generation);
        generation.writeGeneratedContent();
        assertThat(RuntimeHintsPredicates.reflection().onType(PosternProperties.Sessions.class))
                .accepts(generation.getRuntimeHints());
        assertThat(RuntimeHintsPredicates.reflection().onType(UpstreamProperties.class))
                .accepts(generation.getRuntimeHints());

        TestCompiler.forSystem().with(generation).compile(compiled -> {
            try (GenericApplicationContext written = new GenericApplicationContext()) {
                withProperties(written);
                start(compiled.getInstance(ApplicationContextInitializer.class, initializer.toString()), written);
                try (SmtpProbe probe = SmtpProbe.connect(
                        "127.0.0.1", written.getBean(PosternRelay.class).relay().port())) {
                    assertThat(probe.readReply()).hasCode(220);
                    probe.ehlo();
                    assertThat(probe.authPlain("alice@example.org", "correct horse"))
                            .hasCode(235);
                }
            }
        });
    }

    private static void withProperties(ConfigurableApplicationContext context) {
        TestPropertyValues.of(
                        "postern.port=0",
                        "postern.auth.plaintext=true",
                        "postern.sessions.per-user=3",
                        "postern.upstream.uri=smtp://127.0.0.1:9")
                .applyTo(context);
        new ConfigDataApplicationContextInitializer().initialize(context);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static void start(ApplicationContextInitializer initializer, GenericApplicationContext context) {
        initializer.initialize(context);
        context.refresh();
    }
}
