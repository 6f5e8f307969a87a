package io.armory.agent.reconcile;

import java.util.List;

/// What was wanted, for tests of the rooms below.
public final class DrainedEffects {
  private DrainedEffects() {}

  public static List<Effect> of(Effects effects) {
    return effects.drain();
  }
}
