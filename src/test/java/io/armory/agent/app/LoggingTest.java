package io.armory.agent.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoggingTest {
  private static String line(
      boolean journal, Level level, String message, @Nullable Throwable error) {
    var context = new LoggerContext();
    var logger = context.getLogger("io.armory.agent.reconcile.Reconciler");
    var event = new LoggingEvent("", logger, level, message, error, null);
    event.setTimeStamp(0);
    return new String(new Logging.Lines(journal).encode(event), StandardCharsets.UTF_8);
  }

  @Test
  void under_the_journal_a_line_has_a_priority_and_no_time() {
    assertThat(line(true, Level.INFO, "restart gate: hung", null))
        .isEqualTo("<6>Reconciler: restart gate: hung\n");
    assertThat(line(true, Level.WARN, "x", null)).startsWith("<4>");
    assertThat(line(true, Level.ERROR, "x", null)).startsWith("<3>");
    assertThat(line(true, Level.DEBUG, "x", null)).startsWith("<7>");
  }

  @Test
  void elsewhere_it_has_both() {
    assertThat(line(false, Level.INFO, "restart gate", null))
        .isEqualTo("1970-01-01T00:00:00Z INFO Reconciler: restart gate\n");
  }

  @Test
  void one_event_is_one_line_whatever_it_says() {
    assertThat(line(true, Level.INFO, "a\n<0>forged\rb", null))
        .isEqualTo("<6>Reconciler: a <0>forged b\n");
  }

  @Test
  void every_line_of_a_stack_trace_has_the_priority() {
    assertThat(line(true, Level.ERROR, "bug", new IllegalStateException("boom")).lines())
        .hasSizeGreaterThan(2)
        .allSatisfy(l -> assertThat(l).startsWith("<3>"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void wire_logs_are_never_written(boolean debug) {
    Logging.level(debug, false);
    try {
      var context = new LoggerContext();
      var logging = new Logging();
      logging.setContext(context);
      assertThat(logging.configure(context))
          .isEqualTo(Configurator.ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY);
      assertThat(context.getLogger("software.amazon.awssdk.request").isDebugEnabled()).isFalse();
      assertThat(context.getLogger("com.github.dockerjava.zerodep").isDebugEnabled()).isFalse();
      assertThat(context.getLogger("org.unknown").isInfoEnabled()).isFalse();
      assertThat(context.getLogger("io.armory.agent.x").isDebugEnabled()).isEqualTo(debug);
    } finally {
      Logging.level(false, false);
    }
  }
}
