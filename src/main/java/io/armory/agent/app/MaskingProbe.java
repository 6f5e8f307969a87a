package io.armory.agent.app;

import io.armory.agent.adapter.probe.HealthBody;
import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.stack.KnownSecrets;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.port.Probe;

/// The probe, with the secrets masked in what a health check answers in full: Spring tells URLs and
/// settings there.
record MaskingProbe(Probe probe, KnownSecrets secrets) implements Probe {
  @Override
  public ProbeResult ask(String address, ProbeSpec spec) {
    return probe.ask(address, spec);
  }

  @Override
  public ProbeResult ask(String service, String address, ProbeSpec spec) {
    return probe.ask(service, address, spec);
  }

  @Override
  public String body(String address, ProbeSpec spec) {
    return secrets.maskedAsToo(HealthBody.of(address, spec));
  }
}
