package io.armory.agent.port;

import io.armory.agent.domain.AgentEvent;
import java.time.Instant;
import java.util.List;

/// The node's history. Appending never fails the caller: a full disk must not stop the loop.
public interface EventLog {

  void append(AgentEvent event);

  /// Events at or after an instant, oldest first, the last `limit` of them.
  List<AgentEvent> since(Instant from, int limit);
}
