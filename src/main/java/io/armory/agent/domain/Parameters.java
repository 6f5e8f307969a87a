package io.armory.agent.domain;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Every effective parameter with its origin: the result of the precedence rules.
///
/// @param variables NAME → value, for Compose interpolation
/// @param files file name → content, whole Spinnaker files such as `gate-local.yml`
/// @param settings `role`, `version`: parameters the agent itself reads
/// @param problems parameters left out because nothing could ever use them, and why; one that is
///   wrong but would be used is a failure of its source instead
public record Parameters(
    Map<String, Parameter> variables,
    Map<String, Parameter> files,
    Map<String, Parameter> settings,
    List<Problem> problems) {

  /// `REDIS_PASSWORD`, `GITHUB_TOKEN`, `OAUTH_CLIENT_SECRET`, `AWS_SECRET_ACCESS_KEY`, …, and
  /// `REDIS_URL` and `NOTIFY_WEBHOOK_URL`, which have one in them.
  public static final Pattern SECRET_NAME =
      Pattern.compile(
          "REDIS_URL|NOTIFY_WEBHOOK_URL|(.*_)?(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|PRIVATE_KEY|SECRET_KEY|SECRET_ACCESS_KEY)");

  /// Where alerts are sent to.
  public static final String WEBHOOK_URL = "NOTIFY_WEBHOOK_URL";

  public static final String SNS_TOPIC = "NOTIFY_SNS_TOPIC";

  public static final Parameters NONE = new Parameters(Map.of(), Map.of(), Map.of());

  public Parameters(
      Map<String, Parameter> variables,
      Map<String, Parameter> files,
      Map<String, Parameter> settings) {
    this(variables, files, settings, List.of());
  }

  public Parameters {
    variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
    files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    problems = List.copyOf(problems);
  }

  /// These with others laid over them: the later source wins.
  public Parameters overlaidBy(Parameters later) {
    return new Parameters(
        merged(variables, later.variables),
        merged(files, later.files),
        merged(settings, later.settings),
        Stream.concat(problems.stream(), later.problems.stream()).toList());
  }

  /// These as they may be shown: what is a secret by its name is masked, whoever said it in the
  /// open.
  public Parameters masked() {
    var shown = new LinkedHashMap<>(variables);
    shown.replaceAll((name, p) ->
        p.value() instanceof Plain(var text) && SECRET_NAME.matcher(name).matches()
            ? new Parameter(name, new Hidden(new Secret(text)), p.origin())
            : p);
    return new Parameters(shown, files, settings, problems);
  }

  private static Map<String, Parameter> merged(
      Map<String, Parameter> base, Map<String, Parameter> over) {
    var all = new LinkedHashMap<>(base);
    all.putAll(over);
    return all;
  }

  /// What a variable says, secret or not.
  public Optional<String> reveal(String name) {
    var found = variables.get(name);
    return found == null
        ? Optional.empty()
        : Optional.of(
            switch (found.value()) {
              case Plain(var text) -> text;
              case Hidden(var secret) -> secret.reveal();
            });
  }

  /// @param origin such as `/etc/armory-agent/env/default.env:4` or `ssm /armory/spinnaker/…/NAME
  ///   v3`
  public record Parameter(String name, Value value, String origin) {}

  public sealed interface Value {
    /// What may be shown to people: the value, or a mask.
    String shown();
  }

  public record Plain(String text) implements Value {
    @Override
    public String shown() {
      return text;
    }
  }

  public record Hidden(Secret secret) implements Value {
    @Override
    public String shown() {
      return Secret.MASK;
    }
  }
}
