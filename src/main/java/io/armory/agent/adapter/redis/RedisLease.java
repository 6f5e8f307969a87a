package io.armory.agent.adapter.redis;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.port.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A lease in Redis: one key that expires, the counter its tokens come from, and the token that was
/// given back last. Each change is one script, so that nothing comes between its parts. The braces
/// in the keys keep them in one slot of a cluster.
final class RedisLease implements Lease {
  private static final String GIVEN =
      """
      local held = redis.call('GET', KEYS[1])
      local left = redis.call('PTTL', KEYS[1])
      local last = redis.call('GET', KEYS[2]) or '0'
      local released = redis.call('GET', KEYS[3]) or ''
      return {held or '', left, last, released}
      """;

  /// ARGV: holder, milliseconds, the token that was seen, the token it must be above, since.
  private static final String ACQUIRE =
      """
      if redis.call('EXISTS', KEYS[1]) == 1 then return '' end
      local last = tonumber(redis.call('GET', KEYS[2]) or '0')
      if last ~= tonumber(ARGV[3]) then return '' end
      local token = string.format('%.0f', math.max(last, tonumber(ARGV[4])) + 1)
      redis.call('SET', KEYS[2], token)
      local value = token .. ' ' .. ARGV[2] .. ' ' .. ARGV[5] .. ' ' .. ARGV[1]
      redis.call('SET', KEYS[1], value, 'NX', 'PX', ARGV[2])
      return value
      """;

  /// ARGV: value, milliseconds, the least that must be left, token, all of the value but the token.
  private static final String RENEW =
      """
      local held = redis.call('GET', KEYS[1])
      if held == ARGV[1] then
        if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then return 'late' end
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return 'renewed'
      end
      if held then return 'lost' end
      if tonumber(redis.call('GET', KEYS[2]) or '0') > tonumber(ARGV[4]) then return 'lost' end
      local token = string.format('%.0f', tonumber(ARGV[4]) + 1)
      local value = token .. ' ' .. ARGV[5]
      redis.call('SET', KEYS[2], token)
      redis.call('SET', KEYS[1], value, 'NX', 'PX', ARGV[2])
      return value
      """;

  /// ARGV: value, token.
  private static final String RELEASE =
      """
      if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'taken' end
      redis.call('DEL', KEYS[1])
      redis.call('SET', KEYS[3], ARGV[2])
      return 'released'
      """;

  private static final String NUMBER = "-?[0-9]{1,18}";

  private final RedisScripts scripts;

  RedisLease(RemoteRedis redis, String group) {
    var base = key(group);
    this.scripts = new RedisScripts(redis, "the lease", base, base + ":token", base + ":released");
  }

  static String key(String group) {
    return "armory-agent:{" + group + "}:poller";
  }

  @Override
  public Outcome<State> look() {
    return scripts.run(GIVEN).flatMap(answer -> state((List<?>) answer));
  }

  private Outcome<State> state(List<?> answer) {
    var value = RedisConnection.string(answer.get(0));
    var held = grant(value);
    var left = Math.max(0, ((Number) answer.get(1)).longValue());
    var last = RedisConnection.string(answer.get(2));
    var released = RedisConnection.string(answer.get(3));
    if (held.isEmpty() && !value.isEmpty()) {
      return scripts.foreign(0);
    }
    return last.matches(NUMBER)
        ? Outcome.done(
            new State(held, Duration.ofMillis(left), Long.parseLong(last), released.equals(last)))
        : scripts.foreign(1);
  }

  @Override
  public Outcome<Optional<Grant>> acquire(
      String holder, Duration ttl, long lastToken, long above, Instant now) {
    return scripts
        .run(
            ACQUIRE,
            holder,
            Long.toString(ttl.toMillis()),
            Long.toString(lastToken),
            Long.toString(above),
            Long.toString(now.toEpochMilli()))
        .map(answer -> grant(RedisConnection.string(answer)));
  }

  @Override
  public Outcome<Renewal> renew(Grant grant, Duration least) {
    return scripts
        .run(
            RENEW,
            value(grant),
            Long.toString(grant.ttl().toMillis()),
            Long.toString(least.toMillis()),
            Long.toString(grant.token()),
            untokened(grant))
        .map(answer -> renewal(RedisConnection.string(answer)));
  }

  private static Renewal renewal(String answer) {
    return switch (answer) {
      case "renewed" -> new Renewal.Renewed();
      case "late" -> new Renewal.Late();
      default -> grant(answer).<Renewal>map(Renewal.Restored::new).orElseGet(Renewal.Lost::new);
    };
  }

  @Override
  public Outcome<Boolean> release(Grant grant) {
    return scripts
        .run(RELEASE, value(grant), Long.toString(grant.token()))
        .map(answer -> RedisConnection.string(answer).equals("released"));
  }

  private static String value(Grant grant) {
    return grant.token() + " " + untokened(grant);
  }

  private static String untokened(Grant grant) {
    return "%d %d %s"
        .formatted(grant.ttl().toMillis(), grant.since().toEpochMilli(), grant.holder());
  }

  static Optional<Grant> grant(String value) {
    var parts = value.split(" ", 4);
    if (parts.length < 4 || !Stream.of(parts).limit(3).allMatch(p -> p.matches(NUMBER))) {
      return Optional.empty();
    }
    return Optional.of(
        new Grant(
            Long.parseLong(parts[0]),
            Duration.ofMillis(Long.parseLong(parts[1])),
            parts[3],
            Instant.ofEpochMilli(Long.parseLong(parts[2]))));
  }

  @Override
  public void close() {
    scripts.close();
  }
}
