package io.armory.agent.reconcile.election;

import java.time.Duration;

/// When what happens in the life of a lease, counted from the moment before its last renewal was
/// asked for. The order is the whole point: a holder that hears nothing gives up, its pollers are
/// told to end, they are killed, and only then the lease expires and another node may take it.
///
/// With the usual 20 s: renewed every 5 s; given up at 12 s; told to end at 13 s; dead at 17 s.
///
/// @param ttl the store lets the lease expire after this long
public record LeaseTimes(Duration ttl) {
  /// A holder that dies right after a renewal is followed within the 30 s that are promised:
  /// another node has the lease by then and starts its two containers. They poll when their JVMs
  /// have booted.
  public static final LeaseTimes USUAL = new LeaseTimes(Duration.ofSeconds(20));

  public LeaseTimes {
    if (ttl.compareTo(Duration.ofSeconds(2)) < 0) {
      throw new IllegalArgumentException("a lease of " + ttl + " cannot be kept");
    }
  }

  Duration renew() {
    return part(0.25);
  }

  /// From here on the holder acts as if it had lost the lease.
  Duration giveUp() {
    return part(0.6);
  }

  /// With less left than this it is not renewed: the holder has given up, and who sees so little
  /// left knows when it ends.
  Duration lastRenewal() {
    return ttl.minus(giveUp());
  }

  /// The pollers' own watch tells them to end.
  Duration term() {
    return part(0.65);
  }

  /// The pollers' own watch has killed them.
  Duration dead() {
    return part(0.85);
  }

  /// Between two looks at a lease of another.
  Duration look() {
    return part(0.05);
  }

  /// A new holder waits this long and asks once more before it acts: longer than between two looks,
  /// so that every candidate has seen the grant, whatever becomes of it in the store.
  Duration confirm() {
    return part(0.1);
  }

  /// Before a call that failed is tried again.
  Duration retry() {
    return part(0.05);
  }

  private Duration part(double part) {
    return Duration.ofMillis((long) (ttl.toMillis() * part));
  }
}
