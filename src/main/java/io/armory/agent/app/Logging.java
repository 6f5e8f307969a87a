package io.armory.agent.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// The log: one line an event on standard output. Under systemd each line begins with its priority
/// (sd-daemon(3)) and has no time, as the journal has both. Found by Logback as a service, because
/// reading an XML file costs 250 ms.
public final class Logging extends ContextAwareBase implements Configurator {
  /// These would write request headers, credentials included, to the log.
  private static final List<String> NEVER_BELOW_INFO =
      List.of("org.apache.http", "software.amazon.awssdk", "com.github.dockerjava", "io.netty");

  private static volatile boolean debug;
  private static volatile boolean journal;
  private static volatile boolean quiet;

  /// To be called before the first logger is made.
  static void level(boolean wantsDebug, boolean underJournal) {
    debug = wantsDebug;
    journal = underJournal;
  }

  /// Nothing at all: `up` prints what a person wants to know. To be called as [#level].
  static void silence() {
    quiet = true;
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    var encoder = new Lines(journal);
    encoder.setContext(context);
    encoder.start();
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setName("stdout");
    appender.setEncoder(encoder);
    appender.start();
    var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(quiet && !debug ? Level.OFF : Level.WARN);
    root.addAppender(appender);
    context
        .getLogger("io.armory.agent")
        .setLevel(debug ? Level.DEBUG : quiet ? Level.OFF : Level.INFO);
    for (var name : NEVER_BELOW_INFO) {
      context.getLogger(name).setLevel(Level.WARN);
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /// How a line looks.
  static final class Lines extends EncoderBase<ILoggingEvent> {
    private final boolean journal;

    Lines(boolean journal) {
      this.journal = journal;
    }

    @Override
    public byte[] headerBytes() {
      return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
      return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
      var line = new StringBuilder();
      if (!journal) {
        line.append(Instant.ofEpochMilli(event.getTimeStamp()).truncatedTo(ChronoUnit.MILLIS))
            .append(' ')
            .append(event.getLevel())
            .append(' ');
      }
      var logger = event.getLoggerName();
      line.append(logger.substring(logger.lastIndexOf('.') + 1))
          .append(": ")
          .append(oneLine(event.getFormattedMessage()))
          .append('\n');
      if (event.getThrowableProxy() != null) {
        line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
      var text = journal ? prefixed(line.toString(), priority(event.getLevel())) : line.toString();
      return text.getBytes(StandardCharsets.UTF_8);
    }

    /// What comes from containers must not forge a line of its own.
    private static String oneLine(String text) {
      return text.replace('\n', ' ').replace('\r', ' ');
    }

    private static String prefixed(String lines, String prefix) {
      return lines.lines().map(l -> prefix + l + "\n").reduce("", String::concat);
    }

    private static String priority(Level level) {
      return switch (level.toInt()) {
        case Level.ERROR_INT -> "<3>";
        case Level.WARN_INT -> "<4>";
        case Level.INFO_INT -> "<6>";
        default -> "<7>";
      };
    }
  }
}
