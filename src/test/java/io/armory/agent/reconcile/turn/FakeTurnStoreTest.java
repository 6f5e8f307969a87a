package io.armory.agent.reconcile.turn;

import io.armory.agent.port.TurnStore;
import io.armory.agent.port.TurnStoreContract;
import java.time.Duration;

class FakeTurnStoreTest extends TurnStoreContract {
  private long now = 1_000;
  private final FakeTurnStore store = new FakeTurnStore(() -> now);

  @Override
  protected TurnStore store() {
    return store;
  }

  @Override
  protected void forgetEverything() {
    store.forget();
  }

  @Override
  protected void pass(Duration time) {
    now += time.toMillis();
  }
}
