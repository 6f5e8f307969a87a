package io.armory.agent.adapter.aws;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Problem;
import io.armory.agent.port.ParameterSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/// Variables given as instance tags, `armory:param:NAME`. The identity has read them already.
public final class TagParameters implements ParameterSource {
  private static final String PREFIX = "armory:param:";

  @Override
  public String name() {
    return "instance tags " + PREFIX + "NAME";
  }

  @Override
  public Outcome<Parameters> read(NodeIdentity identity) {
    var variables = new LinkedHashMap<String, Parameter>();
    var problems = new ArrayList<Problem>();
    identity
        .tags()
        .forEach((key, value) -> {
          if (!key.startsWith(PREFIX)) {
            return;
          }
          var name = key.substring(PREFIX.length());
          var origin = "tag " + key;
          if (VariableName.isVariable(name)) {
            VariableName.suspicious(origin, value).ifPresent(problems::add);
            variables.put(name, new Parameter(name, new Plain(value), origin));
          } else {
            problems.add(
                new Problem(
                    origin,
                    "\"" + name + "\" is no variable's name",
                    "use letters, digits and _ only"));
          }
        });
    return Outcome.done(new Parameters(variables, Map.of(), Map.of(), problems));
  }
}
