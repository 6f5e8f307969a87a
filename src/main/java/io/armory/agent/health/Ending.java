package io.armory.agent.health;

import io.armory.agent.domain.stack.Service;

/// What people want to know beside "out of memory": how much it had, and may have.
final class Ending {
  private static final long MEBIBYTE = 1024 * 1024;

  private Ending() {}

  /// @param words why a container ended
  static String outOfMemory(String words, Service service) {
    var limit = service.container().resources().memory();
    return limit == null || limit <= 0
        ? words + " (it has no limit: the node itself had none left)"
        : "%s (it used all of its limit of %d MiB)".formatted(words, limit / MEBIBYTE);
  }
}
