package io.armory.agent.render;

import io.armory.agent.compose.YamlSyntax;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Spinnaker's own YAML files: one that Spring cannot read ends the service that gets it, every
/// time it is started.
final class ConfigSyntax {
  private ConfigSyntax() {}

  static List<Problem> problems(RenderRequest request) {
    var problems = new ArrayList<Problem>();
    request
        .templates()
        .config()
        .forEach((name, file) -> {
          if (isYaml(name) && !request.parameters().files().containsKey(name)) {
            YamlSyntax.fault(file.content().bytes())
                .ifPresent(f -> problems.add(problem(file.origin(), f.line(), f.what())));
          }
        });
    request.parameters().files().values().stream()
        .filter(p -> isYaml(p.name()))
        .forEach(p -> {
          var text =
              switch (p.value()) {
                case Plain(var plain) -> plain;
                case Hidden(var secret) -> secret.reveal();
              };
          YamlSyntax.fault(text.getBytes(StandardCharsets.UTF_8))
              .ifPresent(f ->
                  problems.add(
                      problem(
                          p.origin(),
                          f.line(),
                          // The parser's words may quote what is a secret.
                          p.value() instanceof Hidden ? "not valid YAML" : f.what())));
        });
    return problems;
  }

  private static boolean isYaml(String name) {
    return name.endsWith(".yml") || name.endsWith(".yaml");
  }

  private static Problem problem(String origin, int line, String what) {
    return new Problem(
        line > 0 ? origin + ":" + line : origin,
        what,
        "correct it: the service that reads it would not start");
  }
}
