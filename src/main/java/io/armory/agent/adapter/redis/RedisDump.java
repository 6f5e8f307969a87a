package io.armory.agent.adapter.redis;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.port.RedisKeys;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/// Keys by `DUMP` and `RESTORE`: what a value is stays Redis' own matter. A saved key is its length
/// and bytes, the milliseconds it has left (0: it stays), and the length and bytes of its value.
public final class RedisDump implements RedisKeys {
  private static final int AT_ONCE = 1000;

  /// Bytes: an execution with large contexts has some million.
  private static final int LONGEST = 64 * 1024 * 1024;

  private static final class Saved {
    private final byte[] key;
    private final long left;
    private final byte[] value;

    Saved(byte[] key, long left, byte[] value) {
      this.key = key;
      this.left = left;
      this.value = value;
    }

    String name() {
      return new String(key, StandardCharsets.UTF_8);
    }
  }

  private interface Work<T> {
    T with(RedisConnection redis) throws RedisException, IOException;
  }

  private static <T> Outcome<T> attempt(RemoteRedis redis, Work<T> work) {
    try (var connection = RedisConnection.open(redis, LONGEST)) {
      return Outcome.done(work.with(connection));
    } catch (RedisException e) {
      return Outcome.failed(e.failure());
    } catch (IOException e) {
      return Outcome.failed(Failure.Kind.TRANSIENT, "the keys of Redis: " + e.getMessage());
    }
  }

  @Override
  public Outcome<Integer> save(RemoteRedis from, List<String> patterns, OutputStream to) {
    var out = new DataOutputStream(to);
    return attempt(
        from,
        redis -> {
          var saved = 0;
          for (var pattern : patterns) {
            for (var key : keys(redis, pattern)) {
              saved += save(redis, key, out) ? 1 : 0;
            }
          }
          out.flush();
          return saved;
        });
  }

  /// Sorted, as a scan may tell a key twice.
  private static Iterable<byte[]> keys(RedisConnection redis, String pattern)
      throws RedisException {
    var all = new java.util.TreeSet<byte[]>(java.util.Arrays::compare);
    var cursor = "0";
    do {
      var answer =
          redis.ask(Command.SCAN, cursor, "MATCH", pattern, "COUNT", Integer.toString(AT_ONCE));
      if (!(answer instanceof List<?> page) || page.size() != 2) {
        break;
      }
      cursor = RedisConnection.string(page.getFirst());
      if (page.getLast() instanceof List<?> names) {
        names.forEach(n -> {
          if (n instanceof byte[] name) {
            all.add(name);
          }
        });
      }
    } while (!cursor.equals("0"));
    return all;
  }

  /// @return false: it is gone meanwhile
  private static boolean save(RedisConnection redis, byte[] key, DataOutputStream out)
      throws RedisException, IOException {
    var value = redis.askRaw(Command.DUMP, key);
    var left = redis.askRaw(Command.PTTL, key) instanceof Long millis ? millis : -2L;
    if (!(value instanceof byte[] bytes) || left == -2) {
      return false;
    }
    out.writeInt(key.length);
    out.write(key);
    out.writeLong(Math.max(0, left));
    out.writeInt(bytes.length);
    out.write(bytes);
    return true;
  }

  private static @Nullable Saved next(DataInputStream in) throws IOException {
    int length;
    try {
      length = in.readInt();
    } catch (EOFException e) {
      return null;
    }
    var key = bytes(in, length);
    var left = in.readLong();
    return new Saved(key, left, bytes(in, in.readInt()));
  }

  private static byte[] bytes(DataInputStream in, int length) throws IOException {
    if (length < 0 || length > LONGEST) {
      throw new IOException("a length of " + length + " is none of a key's");
    }
    var bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("they end in the middle of one");
    }
    return bytes;
  }

  @Override
  public Outcome<Integer> present(RemoteRedis there, InputStream saved) {
    var in = new DataInputStream(saved);
    return attempt(
        there,
        redis -> {
          var present = 0;
          var names = new ArrayList<byte[]>();
          for (var one = next(in); one != null; one = next(in)) {
            names.add(one.key);
            if (names.size() == AT_ONCE) {
              present += exist(redis, names);
              names.clear();
            }
          }
          return present + (names.isEmpty() ? 0 : exist(redis, names));
        });
  }

  private static int exist(RedisConnection redis, List<byte[]> names) throws RedisException {
    return redis.askRaw(Command.EXISTS, names.toArray(byte[][]::new)) instanceof Long n
        ? n.intValue()
        : 0;
  }

  @Override
  public Outcome<Integer> load(RemoteRedis into, InputStream saved, boolean replace) {
    var in = new DataInputStream(saved);
    return attempt(
        into,
        redis -> {
          var loaded = 0;
          for (var one = next(in); one != null; one = next(in)) {
            write(redis, one, replace);
            loaded++;
          }
          return loaded;
        });
  }

  private static void write(RedisConnection redis, Saved one, boolean replace)
      throws RedisException {
    var left = Long.toString(one.left).getBytes(StandardCharsets.US_ASCII);
    var word = "REPLACE".getBytes(StandardCharsets.US_ASCII);
    try {
      if (replace) {
        redis.callRaw(Command.RESTORE, one.key, left, one.value, word);
      } else {
        redis.callRaw(Command.RESTORE, one.key, left, one.value);
      }
    } catch (JedisDataException e) {
      var said = String.valueOf(e.getMessage());
      throw new RedisException(
          said.contains("payload version") ? Failure.Kind.INVALID : Failure.Kind.CONFLICT,
          said.contains("payload version")
              ? "this Redis is older than the one the keys are from, and does not read them"
              : "key " + one.name() + ": " + said);
    }
  }
}
