package io.armory.agent.reconcile.operator;

import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.stack.Revision;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The parameters that the sources give, and those that follow from them: what the agent computed
/// for the revision, the templates' defaults, and which are used nowhere.
final class EffectiveParameters {
  /// As the resolved variables are written: where from, then the value; a default is a comment.
  private static final Pattern ONE =
      Pattern.compile("(?m)^# ((?:computed|default): .*)\n(?:# )?([A-Za-z_][A-Za-z0-9_]*)=(.*)$");

  private static final Pattern UNUSED = Pattern.compile("(?m)^# unused: (.*)$");

  private EffectiveParameters() {}

  static Parameters of(Revision revision, Parameters given) {
    var all = new TreeMap<String, Parameter>();
    ONE.matcher(revision.resolvedEnv())
        .results()
        .forEach(m -> all.put(m.group(2), parameter(m.group(2), m.group(3), m.group(1))));
    var unused =
        UNUSED
            .matcher(revision.resolvedEnv())
            .results()
            .map(m -> new Problem("", m.group(1), ""))
            .toList();
    var computed = new Parameters(all, Map.of(), Map.of(), List.of()).masked();
    return computed
        .overlaidBy(given)
        .overlaidBy(new Parameters(Map.of(), Map.of(), Map.of(), unused));
  }

  private static Parameter parameter(String name, String value, String origin) {
    return new Parameter(name, new Plain(value), origin);
  }
}
