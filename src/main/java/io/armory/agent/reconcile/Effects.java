package io.armory.agent.reconcile;

import io.armory.agent.domain.AgentEvent;
import java.util.ArrayList;
import java.util.List;

/// The effects that a call of the core has collected until now, in order. On the core's thread.
public final class Effects {
  private final List<Effect> wanted = new ArrayList<>();

  public void add(Effect effect) {
    wanted.add(effect);
  }

  public void info(String line) {
    log(Effect.Severity.INFO, line);
  }

  public void warn(String line) {
    log(Effect.Severity.WARN, line);
  }

  public void error(String line) {
    log(Effect.Severity.ERROR, line);
  }

  private void log(Effect.Severity severity, String line) {
    add(new Effect.Log(severity, line));
  }

  public void event(AgentEvent event) {
    add(new Effect.Notify(event));
  }

  /// Takes them; what is wanted later is of the next call.
  List<Effect> drain() {
    var all = List.copyOf(wanted);
    wanted.clear();
    return all;
  }
}
