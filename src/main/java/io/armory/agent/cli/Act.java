package io.armory.agent.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import io.armory.agent.config.Durations;
import io.armory.agent.view.LocalTimes;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A command that makes the running agent do something: gives the order and prints the progress as
/// it comes. The answer is one JSON object a line: `progress`, and at last `done` or `failed`.
abstract class Act extends CliCommand {
  private static final JsonFactory JSON = new JsonFactory();

  /// Run Command shows 24,000 characters.
  private static final int PROGRESS = 16_000;

  final Map<String, String> parameters = new LinkedHashMap<>();
  private int shown;

  int order(String path) {
    return orderTo(cli.client(), path);
  }

  int orderTo(ControlClient client, String path) {
    return client.ask("POST", path, parameters, Duration.ZERO, this::follow);
  }

  private int follow(ControlClient.Answer answer) throws IOException {
    var lines = answer.lines();
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      var fields = fields(line);
      var failed = fields.get("failed");
      if (failed != null) {
        throw new Refused(Integer.parseInt(fields.getOrDefault("exit", "1")), local(failed));
      }
      var done = fields.get("done");
      if (done != null) {
        cli.terminal().print(done.isEmpty() ? "" : local(done) + "\n");
        return Exit.DONE;
      }
      reported(local(fields.getOrDefault("progress", line)) + "\n");
    }
    throw new Refused(
        Exit.FAILED, "the agent went away before it was done; armory-agent status tells more");
  }

  private String local(String text) {
    return LocalTimes.here(text);
  }

  /// In a log, such as Run Command's, the end must not be lost to what led there.
  private void reported(String line) {
    shown += line.length();
    if (cli.terminal().tty() || shown <= PROGRESS) {
      cli.terminal().print(line);
    } else if (shown - line.length() <= PROGRESS) {
      cli.terminal().print("… goes on; armory-agent events tells all\n");
    }
  }

  /// A flat object's fields as text.
  private static Map<String, String> fields(String line) throws IOException {
    var fields = new LinkedHashMap<String, String>();
    try (var parser = JSON.createParser(line)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken().isScalarValue()
            && parser.currentToken() != JsonToken.VALUE_NULL) {
          fields.put(parser.currentName(), parser.getText());
        }
      }
    }
    return fields;
  }

  void duration(String name, String option, @Nullable String text) {
    if (text == null) {
      return;
    }
    var duration = Durations.parse(text).filter(Duration::isPositive);
    parameters.put(
        name,
        duration
            .orElseThrow(() ->
                new Refused(
                    Exit.USAGE,
                    option + ": \"" + text + "\" is not a duration such as 30s, 10m or 2h"))
            .toString());
  }
}
