package io.armory.agent.adapter.redis;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/// Asks one Redis again and again over one connection. A new one is made every few minutes, to see
/// what only a new client would: a certificate that has expired, a name that leads elsewhere, a
/// password that was changed.
final class RedisHealth implements AutoCloseable {
  private static final Duration FRESH = Duration.ofMinutes(5);

  private @Nullable RemoteRedis target;
  private @Nullable RedisConnection connection;
  private long openedAt;

  synchronized Outcome<RedisAnswer> ask(RemoteRedis redis) {
    var isUsed = isUsable(redis);
    var answer = answer(redis);
    // One that was closed for being idle says nothing about the Redis; one that hangs does.
    var isCut = answer.whyFailed().filter(f -> f.kind() != Failure.Kind.TIMEOUT).isPresent();
    return isCut && isUsed ? answer(redis) : answer;
  }

  private boolean isUsable(RemoteRedis redis) {
    var current = target;
    if (connection != null
        && current != null
        && current.isSameAs(redis)
        && System.nanoTime() - openedAt < FRESH.toNanos()) {
      return true;
    }
    close();
    return false;
  }

  private Outcome<RedisAnswer> answer(RemoteRedis redis) {
    try {
      return Outcome.done(answer(redis, connected(redis)));
    } catch (RedisException e) {
      close();
      return Outcome.failed(e.failure());
    } catch (RuntimeException | Error e) {
      close();
      return Outcome.failed(
          Failure.Kind.TRANSIENT,
          redis.address() + " cannot be asked: " + Problem.oneLine("" + e.getMessage()));
    }
  }

  private RedisConnection connected(RemoteRedis redis) throws RedisException {
    var open = connection;
    if (open == null) {
      open = RedisConnection.open(redis);
      connection = open;
      target = redis;
      openedAt = System.nanoTime();
    }
    return open;
  }

  private static RedisAnswer answer(RemoteRedis redis, RedisConnection open) throws RedisException {
    var began = System.nanoTime();
    open.ask(Command.PING);
    var latency = Duration.ofNanos(System.nanoTime() - began);
    var info = info(open);
    if (info.isReplica()) {
      throw new RedisException(Failure.Kind.TRANSIENT, RedisConnection.readOnly(redis));
    }
    return new RedisAnswer(latency, info.version(), info.warnings(redis));
  }

  private static RedisInfo info(RedisConnection open) throws RedisException {
    try {
      return RedisInfo.parse(RedisConnection.string(open.ask(Command.INFO)));
    } catch (RedisException e) {
      if (e.failure().kind() == Failure.Kind.DENIED) {
        return RedisInfo.NONE;
      }
      throw e;
    }
  }

  @Override
  public synchronized void close() {
    var open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }
}
