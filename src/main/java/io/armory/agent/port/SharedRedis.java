package io.armory.agent.port;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;

/// The remote Redis, as the agent itself asks it. A service says that it has started while its
/// Redis is out of reach: only the node's own look tells.
public interface SharedRedis extends AutoCloseable {

  /// Asks it once, as a service would: connection, certificate, password, role. Blocks a few
  /// seconds at most and never throws. A failure's message is one sentence that names the Redis and
  /// what to do; no password is ever in it.
  Outcome<RedisAnswer> ask(RemoteRedis redis);

  /// The lease of a group's one poller.
  ///
  /// @param group nodes of equal groups elect one poller between them
  Lease lease(RemoteRedis redis, String group);

  /// Where the nodes of a group take turns at changing.
  TurnStore turns(RemoteRedis redis, String group);

  @Override
  void close();
}
