package io.armory.agent.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The process environment, as far as the agent itself reads it. An empty variable is an unset one.
/// No lambda here: `status` reads it, and the first one costs 20 ms.
public final class Environment {
  public static final String ROOT = "ARMORY_AGENT_ROOT";

  private final Map<String, String> variables;

  public Environment(Map<String, String> variables) {
    this.variables = Map.copyOf(variables);
  }

  public static Environment ofProcess() {
    return new Environment(System.getenv());
  }

  public Optional<String> get(String name) {
    var value = variables.get(name);
    return value == null || value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  /// Everything, for Compose interpolation of files given by hand.
  public Map<String, String> all() {
    return variables;
  }

  /// The directory all of the agent's paths lie under; `/` unless told otherwise.
  public Path root() {
    return Path.of(get(ROOT).orElse("/"));
  }

  /// systemd's notification socket (sd_notify(3)).
  public Optional<String> notifySocket() {
    return get("NOTIFY_SOCKET");
  }

  /// Where systemd puts the unit's credentials (systemd.exec(5), LoadCredential=).
  public Optional<Path> credentialsDirectory() {
    return get("CREDENTIALS_DIRECTORY").map(Path::of);
  }

  /// Docker's own client configuration, with its logins for registries.
  public Path dockerConfig() {
    return get("DOCKER_CONFIG")
        .map(Path::of)
        .orElseGet(() -> Path.of(get("HOME").orElse("/root"), ".docker"))
        .resolve("config.json");
  }

  /// Standard output goes to the journal (systemd.exec(5)).
  public boolean underJournal() {
    return get("JOURNAL_STREAM").isPresent();
  }

  /// Who is asking, for the record: the user behind sudo where there is one.
  public String user() {
    var behindSudo = get("SUDO_USER");
    return behindSudo.orElse(System.getProperty("user.name", "?"));
  }

  /// Whether people want colour at all (no-color.org; a dumb terminal has none).
  public boolean colourWanted() {
    return get("NO_COLOR").isEmpty() && !get("TERM").orElse("dumb").equals("dumb");
  }

  public Optional<Integer> columns() {
    try {
      var columns = Integer.parseInt(get("COLUMNS").orElse("0"));
      return columns > 0 ? Optional.of(columns) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
