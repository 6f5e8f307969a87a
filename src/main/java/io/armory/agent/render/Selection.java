package io.armory.agent.render;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Look;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.TemplateFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which Compose files make this node's stack: the base, the role's, the logging profile's, then
/// the site's overlays.
///
/// @param files absolute, in the order they are merged; empty if there are problems
record Selection(String role, List<String> files, List<Problem> problems) {
  private static final String LOGGING_PROFILE = "LOGGING_PROFILE";
  private static final String USUAL_LOGGING = "json";

  static Selection of(NodeIdentity identity, Parameters parameters, TemplateFiles templates) {
    var problems = new ArrayList<Problem>();
    var files = new ArrayList<String>();
    files.add(templates.base());
    var role = identity.role().map(NodeIdentity.Fact::value).orElse("");
    var roleFile = templates.roles().get(role);
    if (roleFile != null) {
      files.add(roleFile);
    } else {
      problems.add(noRole(identity, parameters, templates));
    }
    addLogging(parameters, templates, files, problems);
    files.addAll(templates.overlays());
    return new Selection(role, problems.isEmpty() ? files : List.of(), problems);
  }

  private static Problem noRole(
      NodeIdentity identity, Parameters parameters, TemplateFiles templates) {
    var known = String.join(", ", new TreeSet<>(templates.roles().keySet()));
    var parameter = Optional.ofNullable(parameters.settings().get("role"));
    var looked =
        Stream.concat(
                identity.lookedAt().stream(),
                Stream.of(Look.at("parameter role", parameter.map(p -> p.value().shown()))))
            .map(Look::line)
            .collect(Collectors.joining("; ", " (looked at ", ")"));
    return identity
        .role()
        .map(role ->
            new Problem(
                role.origin(),
                "there is no role " + role.value() + looked,
                "use one of " + known + ", or add its file to the site's compose/roles/"))
        .orElseGet(() ->
            new Problem(
                "",
                "this node has no role" + looked,
                "set the tag armory:role, the parameter role, or identity.role in agent.yaml, to"
                    + " one of "
                    + known));
  }

  private static void addLogging(
      Parameters parameters, TemplateFiles templates, List<String> files, List<Problem> problems) {
    var parameter = parameters.variables().get(LOGGING_PROFILE);
    var profile = parameter == null ? USUAL_LOGGING : parameter.value().shown().strip();
    var file = templates.loggingProfiles().get(profile);
    if (file != null) {
      files.add(file);
    } else if (parameter != null) {
      problems.add(
          new Problem(
              parameter.origin(),
              LOGGING_PROFILE + " " + profile + " is not known",
              "use one of " + String.join(", ", sorted(templates.loggingProfiles()))));
    }
  }

  private static Set<String> sorted(Map<String, String> map) {
    return new TreeSet<>(map.keySet());
  }
}
