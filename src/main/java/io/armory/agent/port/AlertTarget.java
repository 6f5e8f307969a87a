package io.armory.agent.port;

import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Outcome;

/// Where alerts are sent to. Nothing throws; a failure's message holds no address.
public interface AlertTarget {

  /// `webhook` or `sns`.
  String name();

  /// Whether anybody said where to send to; it may change while the agent runs.
  boolean isAddressed();

  /// Blocks for some seconds at most. A failure of kind `INVALID` is the message's own: it will
  /// never be accepted.
  Outcome<String> send(Alert alert);
}
