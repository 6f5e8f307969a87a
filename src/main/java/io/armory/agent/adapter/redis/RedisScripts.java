package io.armory.agent.adapter.redis;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.RemoteRedis;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/// Runs scripts over the same keys, on one connection that is kept.
final class RedisScripts implements AutoCloseable {
  private final RemoteRedis redis;
  private final String about;
  private final String[] keys;
  private @Nullable RedisConnection connection;

  /// @param about what is kept there, for people
  /// @param keys with the same text in braces, which keeps them in one slot of a cluster
  RedisScripts(RemoteRedis redis, String about, String... keys) {
    this.redis = redis;
    this.about = about;
    this.keys = keys.clone();
  }

  /// One try on the connection there is, or on a new one. Not two: the caller counts the time.
  synchronized Outcome<Object> run(String script, String... arguments) {
    try {
      var open = connection;
      if (open == null) {
        open = RedisConnection.open(redis);
        connection = open;
      }
      var words = new String[2 + keys.length + arguments.length];
      words[0] = script;
      words[1] = Integer.toString(keys.length);
      System.arraycopy(keys, 0, words, 2, keys.length);
      System.arraycopy(arguments, 0, words, 2 + keys.length, arguments.length);
      return Outcome.done(open.ask(Command.EVAL, words));
    } catch (RedisException e) {
      close();
      return Outcome.failed(e.failure());
    } catch (RuntimeException | Error e) {
      close();
      return Outcome.failed(
          Failure.Kind.TRANSIENT,
          "%s in %s cannot be read: %s"
              .formatted(about, redis.address(), Problem.oneLine("" + e.getMessage())));
    }
  }

  /// The answer of something that is none of ours.
  <T> Outcome<T> foreign(int key) {
    return Outcome.failed(
        Failure.Kind.TRANSIENT,
        "the key %s in %s holds what no agent wrote: delete it"
            .formatted(keys[key], redis.address()));
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
