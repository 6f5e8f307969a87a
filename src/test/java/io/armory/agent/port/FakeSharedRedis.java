package io.armory.agent.port;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import java.time.Duration;
import java.util.List;

/// A shared Redis that is well, and the gate of pollers that nobody elects. Who extends it says
/// what is otherwise.
public class FakeSharedRedis implements SharedRedis, PollerGate {
  @Override
  public Outcome<RedisAnswer> ask(RemoteRedis redis) {
    return Outcome.done(new RedisAnswer(Duration.ofMillis(1), "7.0.15", List.of()));
  }

  @Override
  public TurnStore turns(RemoteRedis redis, String group) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Lease lease(RemoteRedis redis, String group) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Duration uptime() {
    return Duration.ZERO;
  }

  @Override
  public Outcome<String> open(Duration term, Duration dead) {
    return Outcome.done("");
  }

  @Override
  public Outcome<String> holder(String node) {
    return Outcome.done(node);
  }

  @Override
  public void close() {}
}
