package io.armory.agent.render;

import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.SourceFiles;
import io.armory.agent.domain.Suggestion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Parameters that no Compose file of any role mentions, nor the agent: most are mistyped. Nodes of
/// all roles share their parameters.
final class UnusedParameters {
  private static final Pattern WORD = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /// What the agent itself reads; a service's profile is turned on by `<SERVICE>_ENABLED`.
  static final Set<String> AGENTS_OWN =
      Set.of(
          "COMPOSE_PROFILES",
          "LOGGING_PROFILE",
          RenderRequest.POLLING,
          Parameters.WEBHOOK_URL,
          Parameters.SNS_TOPIC,
          "NODE_PRIVATE_IP",
          "REDIS_URL",
          "REDIS_HOST",
          "REDIS_PORT",
          "REDIS_PASSWORD",
          "REDIS_TLS",
          "REDIS_CA_FILE",
          "FRONT50_SQL_PASSWORD",
          "ORCA_SQL_PASSWORD",
          "CLOUDDRIVER_SQL_PASSWORD");

  /// A site may keep thousands of others' parameters beside its own.
  private static final int MOST = 10;

  private UnusedParameters() {}

  static List<String> warnings(RenderRequest request, List<SourceText> own, SourceFiles files) {
    var known = new TreeSet<>(AGENTS_OWN);
    known.addAll(VariableUses.names(own));
    var mentioned = new TreeSet<>(known);
    own.forEach(text -> mention(text, mentioned));
    var others = new ArrayList<>(request.templates().roles().values());
    others.addAll(request.templates().loggingProfiles().values());
    // One that cannot be read is the problem of the nodes of that role.
    var texts = SourceText.read(others, files, new ArrayList<>());
    known.addAll(VariableUses.names(texts));
    texts.forEach(text -> mention(text, mentioned));
    var unused =
        request.parameters().variables().values().stream()
            .filter(p -> !mentioned.contains(p.name()) && !p.name().endsWith("_ENABLED"))
            .sorted(Comparator.comparing(Parameter::name))
            .toList();
    var warnings = new ArrayList<String>();
    unused.stream().limit(MOST).map(p -> warning(p, known)).forEach(warnings::add);
    if (unused.size() > MOST) {
      warnings.add("%d more parameters are used nowhere".formatted(unused.size() - MOST));
    }
    return warnings;
  }

  private static String warning(Parameter unused, Set<String> known) {
    var meant = Suggestion.of(unused.name(), known).map(near -> "; did you mean " + near + "?");
    return "%s: %s is used nowhere%s".formatted(unused.origin(), unused.name(), meant.orElse(""));
  }

  private static void mention(SourceText text, Set<String> mentioned) {
    text.lines().stream()
        .filter(line -> !line.stripLeading().startsWith("#"))
        .forEach(line -> WORD.matcher(line).results().forEach(m -> mentioned.add(m.group())));
  }
}
