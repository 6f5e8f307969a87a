package io.armory.agent.port;

import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.stack.Action;
import java.time.Duration;

/// Told what the agent does, for its metrics. Never blocks and never fails.
public interface Telemetry {

  /// One probe's answer.
  void probed(String service, ProbeResult result);

  /// One action carried out, or not.
  void acted(Action action, boolean done, Duration took);

  /// One round of observe, plan, execute.
  void reconciled(Duration took);

  /// One call to AWS.
  ///
  /// @param operation as AWS names it, `ssm:GetParametersByPath`
  void askedAws(String operation, boolean answered, Duration took);

  /// For tests and tools: nobody listens.
  Telemetry NONE =
      new Telemetry() {
        @Override
        public void probed(String service, ProbeResult result) {}

        @Override
        public void acted(Action action, boolean done, Duration took) {}

        @Override
        public void reconciled(Duration took) {}

        @Override
        public void askedAws(String operation, boolean answered, Duration took) {}
      };
}
