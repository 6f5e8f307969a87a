package io.armory.agent.adapter.probe;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.ProbeResult.Standing;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.port.Probe;
import io.armory.agent.port.Workload;
import java.util.Map;

/// Asks one that says it is out of order for the work it has in hand, where it can say: a restart
/// would throw that away. What does not say has none.
public record WorkingProbe(Probe health, Workload work) implements Probe {
  private static final Map<String, String> UNITS = Map.of("orca", "task", "rosco", "bake");

  @Override
  public ProbeResult ask(String address, ProbeSpec spec) {
    return health.ask(address, spec);
  }

  @Override
  public ProbeResult ask(String service, String address, ProbeSpec spec) {
    var result = health.ask(address, spec);
    var unit = UNITS.get(service);
    if (result.standing() != Standing.FAILING || unit == null) {
      return result;
    }
    var under = work.underWay(new Workload.Endpoint(service, address, spec.check().port()));
    return under instanceof Outcome.Done<Integer>(var n) && n > 0
        ? new ProbeResult(
            Standing.AILING,
            "%s, with %d %s in hand".formatted(result.detail(), n, n == 1 ? unit : unit + "s"),
            result.took())
        : result;
  }
}
