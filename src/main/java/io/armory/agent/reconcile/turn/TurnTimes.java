package io.armory.agent.reconcile.turn;

import java.time.Duration;

/// When what happens in the life of a turn.
///
/// With the usual 30 s: a node says every 5 s that it is there, and every 2 s while it changes or
/// waits; a turn begins when it was confirmed after 3 s; it is not begun later than 18 s after its
/// last confirmation; a node that is not heard of for 30 s is gone, and its turn with it.
///
/// @param ttl the store forgets a node and its turn after this long
public record TurnTimes(Duration ttl) {
  public static final TurnTimes USUAL = new TurnTimes(Duration.ofSeconds(30));

  public TurnTimes {
    if (ttl.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("a turn of " + ttl + " cannot be kept");
    }
  }

  Duration quiet() {
    return ttl.dividedBy(6);
  }

  Duration busy() {
    return ttl.dividedBy(15);
  }

  Duration retry() {
    return ttl.dividedBy(15);
  }

  /// A new holder asks once more after this long, before it begins: a store that goes over to a
  /// replica may have lost what was written just before.
  Duration confirm() {
    return ttl.dividedBy(10);
  }

  Duration giveUp() {
    return ttl.multipliedBy(3).dividedBy(5);
  }

  /// Two calls are never closer than this: a group of hundreds is not to wear its store out.
  Duration least() {
    return ttl.dividedBy(50);
  }
}
