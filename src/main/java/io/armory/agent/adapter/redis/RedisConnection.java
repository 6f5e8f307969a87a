package io.armory.agent.adapter.redis;

import io.armory.agent.adapter.redis.BoundedReplies.NoRedis;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.RemoteRedis;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/// One authenticated connection to a Redis. The client library speaks; the socket is our own, so
/// that each way to fail can be told from the others.
final class RedisConnection implements AutoCloseable {
  private static final Duration LONG_PATIENCE = Duration.ofMinutes(1);

  private final RemoteRedis redis;
  private final TimedSocket plain;
  private final Connection connection;

  /// @param socket `plain`, or TLS over it
  private RedisConnection(RemoteRedis redis, TimedSocket plain, Socket socket, int longest)
      throws RedisException {
    this.redis = redis;
    this.plain = plain;
    try {
      var guarded = new GuardedSocket(socket, longest);
      this.connection = new Connection(() -> guarded);
    } catch (IOException e) {
      RedisSockets.close(socket);
      throw RedisSockets.unreachable(redis, e);
    }
  }

  /// Connects, verifies the certificate, and logs in.
  static RedisConnection open(RemoteRedis redis) throws RedisException {
    return open(redis, BoundedReplies.LONGEST_TEXT);
  }

  /// @param longest bytes that one value may have
  static RedisConnection open(RemoteRedis redis, int longest) throws RedisException {
    var plain = RedisSockets.plain(redis);
    var opened = new RedisConnection(redis, plain, socket(redis, plain), longest);
    try {
      opened.greet();
      opened.logIn();
      return opened;
    } catch (RedisException e) {
      opened.close();
      throw e;
    }
  }

  private static Socket socket(RemoteRedis redis, TimedSocket plain) throws RedisException {
    if (!redis.tls()) {
      return plain;
    }
    try {
      return RedisSockets.secured(redis, plain);
    } catch (IOException e) {
      RedisSockets.close(plain);
      throw TlsTrouble.handshake(redis, e);
    } catch (RedisException e) {
      RedisSockets.close(plain);
      throw e;
    }
  }

  /// A PING before anything else: a password must not be sent in the clear to what turns out to
  /// want TLS.
  private void greet() throws RedisException {
    try {
      var answer = string(call(Command.PING));
      if (!answer.equals("PONG")) {
        throw TlsTrouble.plain(redis, null);
      }
    } catch (JedisDataException e) {
      if (!text(e).startsWith("NOAUTH") && !text(e).startsWith("ERR operation not permitted")) {
        throw refused(e);
      }
      if (redis.password().reveal().isEmpty()) {
        throw new RedisException(
            Failure.Kind.DENIED,
            redis.address() + " wants a password, and none is set: set REDIS_PASSWORD");
      }
    } catch (JedisException e) {
      throw redis.tls()
          ? TlsTrouble.closed(redis, cause(e)).orElseGet(() -> broken(e))
          : TlsTrouble.plain(redis, cause(e) instanceof NoRedis ? null : e.getCause());
    }
  }

  private void logIn() throws RedisException {
    var password = redis.password().reveal();
    if (password.isEmpty()) {
      return;
    }
    try {
      if (redis.user().isEmpty()) {
        call(Command.AUTH, password);
      } else {
        call(Command.AUTH, redis.user(), password);
      }
    } catch (JedisDataException e) {
      throw notLoggedIn(text(e));
    } catch (JedisException e) {
      throw broken(e);
    }
  }

  private RedisException notLoggedIn(String answer) {
    if (answer.contains("without any password") || answer.contains("no password is set")) {
      return new RedisException(
          Failure.Kind.DENIED,
          redis.address()
              + " has no password, and REDIS_PASSWORD is set: the services fail to log in; take the"
              + " parameter away, or give the Redis a password");
    }
    if (answer.startsWith("WRONGPASS") || answer.contains("invalid password")) {
      return new RedisException(
          Failure.Kind.DENIED,
          redis.address() + " refuses the password in REDIS_PASSWORD: set the one it has");
    }
    return refused(new JedisDataException(answer));
  }

  /// Sends one command and waits for its answer.
  ///
  /// @throws JedisDataException Redis' own error
  Object call(Command command, String... arguments) {
    plain.asked(RedisSockets.PATIENCE);
    connection.sendCommand(command, arguments);
    return connection.getOne();
  }

  /// As [#call], of arguments that are no text; an answer may have millions of bytes.
  Object callRaw(Command command, byte[]... arguments) {
    plain.asked(LONG_PATIENCE);
    connection.sendCommand(command, arguments);
    return connection.getOne();
  }

  /// As [#call], with every failure in words.
  Object ask(Command command, String... arguments) throws RedisException {
    return inWords(() -> call(command, arguments));
  }

  Object askRaw(Command command, byte[]... arguments) throws RedisException {
    return inWords(() -> callRaw(command, arguments));
  }

  private Object inWords(java.util.function.Supplier<Object> question) throws RedisException {
    try {
      return question.get();
    } catch (JedisDataException e) {
      throw refused(e);
    } catch (JedisException e) {
      throw broken(e);
    }
  }

  /// The answer as text; empty: there is none.
  static String string(@Nullable Object answer) {
    return switch (answer) {
      case null -> "";
      case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
      case List<?> list -> list.isEmpty() ? "" : string(list.getFirst());
      default -> answer.toString();
    };
  }

  private RedisException broken(JedisException e) {
    var cause = cause(e);
    return TlsTrouble.alert(redis, cause).orElseGet(() -> RedisSockets.unreachable(redis, cause));
  }

  private static Throwable cause(JedisException e) {
    return e instanceof JedisConnectionException && e.getCause() != null ? e.getCause() : e;
  }

  private RedisException refused(JedisDataException e) {
    var answer = text(e);
    if (answer.startsWith("LOADING")) {
      return new RedisException(
          Failure.Kind.TRANSIENT, redis.address() + " is loading its data after a start");
    }
    if (answer.startsWith("READONLY")) {
      return new RedisException(Failure.Kind.TRANSIENT, readOnly(redis));
    }
    if (answer.startsWith("NOPERM") || answer.startsWith("NOAUTH")) {
      return new RedisException(
          Failure.Kind.DENIED, redis.address() + " does not allow it: " + answer);
    }
    return new RedisException(Failure.Kind.TRANSIENT, redis.address() + " answers " + answer);
  }

  static String readOnly(RemoteRedis redis) {
    return redis.address()
        + " is a read-only replica: set REDIS_HOST to the primary, or wait for a failover to end";
  }

  private static String text(JedisException e) {
    return e.getMessage() == null ? "" : e.getMessage();
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (JedisException e) {
      // It was to be gone anyway.
    }
  }
}
