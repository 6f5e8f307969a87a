package io.armory.agent.adapter.aws;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Parameters.Value;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.Secret;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Sorts what lies below one path of SSM, such as `/armory/spinnaker/preprod`, into variables
/// (`env/NAME`), Spinnaker files (`config/FILE`) and settings (`role`, `version`).
///
/// What nothing can ever refer to is left out and named as a problem. A value that would be used
/// but cannot be makes the whole reading fail: a lower source's value in its place would be a
/// silent lie.
final class ParameterTree {
  private static final String VARIABLES = "env/";
  private static final String FILES = "config/";
  private static final List<String> SETTINGS = List.of("role", "version");

  private final String path;
  private final Map<String, Parameter> variables = new LinkedHashMap<>();
  private final Map<String, Parameter> files = new LinkedHashMap<>();
  private final Map<String, Parameter> settings = new LinkedHashMap<>();
  private final List<Problem> problems = new ArrayList<>();
  private final List<Problem> wrong = new ArrayList<>();

  /// @param path with no slash at its end
  ParameterTree(String path) {
    this.path = path + "/";
  }

  /// @param name the whole path
  /// @param secret whether it is a `SecureString`
  record Entry(String name, String value, boolean secret, long version) {
    String origin() {
      return "ssm " + name + " (version " + version + ")";
    }

    @Override
    public String toString() {
      return origin();
    }
  }

  void add(Entry entry) {
    var key = entry.name().startsWith(path) ? entry.name().substring(path.length()) : entry.name();
    if (key.startsWith(VARIABLES)) {
      addVariable(entry, key.substring(VARIABLES.length()));
    } else if (key.startsWith(FILES)) {
      addFile(entry, key.substring(FILES.length()));
    } else if (SETTINGS.contains(key)) {
      put(settings, key, entry, entry.value().strip());
    } else {
      leaveOut(entry, "nothing reads it", "use env/NAME, config/FILE, role or version");
    }
  }

  /// One that cannot be read now keeps its value.
  void keep(Entry before, String why) {
    add(before);
    problems.add(
        new Problem(
            before.origin(),
            "cannot be read, its last value is kept: " + why,
            "let this node decrypt it, or write it anew"));
  }

  private void addVariable(Entry entry, String name) {
    if (VariableName.isVariable(name)) {
      put(variables, name, entry, entry.value());
    } else {
      leaveOut(entry, "\"" + name + "\" is no variable's name", "use letters, digits and _ only");
    }
  }

  private void addFile(Entry entry, String name) {
    if (VariableName.isFile(name)) {
      put(files, name, entry, entry.value());
    } else {
      leaveOut(entry, "\"" + name + "\" is no file's name", "use one name such as gate-local.yml");
    }
  }

  private void put(Map<String, Parameter> into, String name, Entry entry, String text) {
    var unfit = VariableName.unfit(entry.origin(), text);
    if (unfit.isPresent()) {
      wrong.add(unfit.get());
      return;
    }
    VariableName.suspicious(entry.origin(), text).ifPresent(problems::add);
    Value value = entry.secret() ? new Hidden(new Secret(text)) : new Plain(text);
    into.put(name, new Parameter(name, value, entry.origin()));
  }

  private void leaveOut(Entry entry, String what, String todo) {
    problems.add(new Problem(entry.origin(), what, todo));
  }

  Outcome<Parameters> result() {
    return wrong.isEmpty()
        ? Outcome.done(new Parameters(variables, files, settings, problems))
        : Outcome.failed(Failure.Kind.INVALID, line(wrong));
  }

  private static String line(List<Problem> wrong) {
    var others = wrong.size() - 1;
    return wrong.getFirst().line() + (others == 0 ? "" : " (and " + others + " more)");
  }
}
