package io.armory.agent.adapter.redis;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.port.Lease;
import io.armory.agent.port.SharedRedis;
import io.armory.agent.port.TurnStore;

/// The remote Redis through Jedis' connection. Costs nothing until it is asked for the first time.
public final class RedisClient implements SharedRedis {
  private final RedisHealth health = new RedisHealth();

  @Override
  public Outcome<RedisAnswer> ask(RemoteRedis redis) {
    return health.ask(redis);
  }

  @Override
  public Lease lease(RemoteRedis redis, String group) {
    return new RedisLease(redis, group);
  }

  @Override
  public TurnStore turns(RemoteRedis redis, String group) {
    return new RedisTurns(redis, group);
  }

  @Override
  public void close() {
    health.close();
  }
}
