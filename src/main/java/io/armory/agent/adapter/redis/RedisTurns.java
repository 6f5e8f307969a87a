package io.armory.agent.adapter.redis;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.port.TurnStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The turns of a group in Redis: four hashes, of nodes, of those that have the turn, of what
/// failed and of what was approved (which older agents leave alone), and one of the store's own.
/// Each entry begins with the time at which it expires, by Redis' clock. One script does
/// everything, so that nothing comes between its parts. The braces in the keys keep them in one
/// slot of a cluster.
final class RedisTurns implements TurnStore {
  /// ARGV: node, milliseconds, its entry, highest token, a new epoch, verb, token, epoch, entry,
  /// digest, then digest and entry of what is known to have failed.
  private static final String EXCHANGE =
      """
      if redis.replicate_commands then redis.replicate_commands() end
      local t = redis.call('TIME')
      local now = t[1] * 1000 + math.floor(t[2] / 1000)
      local function n(x) return string.format('%.0f', x) end
      local me, ends, verb = ARGV[1], n(now + ARGV[2]), ARGV[6]
      local month = n(now + 2592000000)
      if redis.call('EXISTS', KEYS[4]) == 0 then
        redis.call('HMSET', KEYS[4], 'epoch', ARGV[5], 'born', n(now), 'token', '0')
      end
      local epoch = redis.call('HGET', KEYS[4], 'epoch')
      local token = math.max(tonumber(redis.call('HGET', KEYS[4], 'token')), tonumber(ARGV[4]))
      for _, k in ipairs({1, 2, 3, 5}) do
        local all = redis.call('HGETALL', KEYS[k])
        for i = 1, #all, 2 do
          local till = tonumber(string.match(all[i + 1], '^(%d+) '))
          if not till or till <= now then redis.call('HDEL', KEYS[k], all[i]) end
        end
      end
      redis.call('HSET', KEYS[1], me, ends .. ' ' .. ARGV[3])
      for i = 11, #ARGV, 2 do redis.call('HSETNX', KEYS[3], ARGV[i], month .. ' ' .. ARGV[i + 1]) end
      local held = redis.call('HGET', KEYS[2], me)
      local mine = held and string.match(held, '^%d+ (%d+)\\31') == ARGV[7]
      local function give()
        token = token + 1
        redis.call('HSET', KEYS[2], me, ends .. ' ' .. n(token) .. '\\31' .. ARGV[9])
      end
      if verb == 'take' then
        if token == tonumber(ARGV[7]) and epoch == ARGV[8] then give() end
      elseif verb == 'force' then give()
      elseif verb == 'keep' then
        if mine then
          redis.call('HSET', KEYS[2], me, ends .. string.match(held, '^%d+( .*)$'))
        elseif not held and ARGV[8] ~= '' and ARGV[8] ~= epoch then give() end
      elseif verb == 'pass' then
        if mine then redis.call('HDEL', KEYS[2], me) end
      elseif verb == 'fail' then
        if held then redis.call('HDEL', KEYS[3], ARGV[10]) end
        redis.call('HSETNX', KEYS[3], ARGV[10], month .. ' ' .. ARGV[9])
      elseif verb == 'lift' then
        local known = redis.call('HGET', KEYS[3], ARGV[10])
        if known then
          redis.call('HSET', KEYS[3], ARGV[10], (string.gsub(known, '^(%d+ )0', '%11')))
        end
      elseif verb == 'approve' then redis.call('HSET', KEYS[5], ARGV[10], month .. ' ' .. ARGV[9])
      elseif verb == 'withdraw' then redis.call('HDEL', KEYS[5], ARGV[10])
      end
      redis.call('HSET', KEYS[4], 'token', n(token))
      for k = 1, 5 do redis.call('PEXPIRE', KEYS[k], 2592000000) end
      local poller = redis.pcall('GET', KEYS[6])
      return {
        n(now), redis.call('HGET', KEYS[4], 'born'), epoch, n(token),
        redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[3]),
        redis.call('HGETALL', KEYS[5]), type(poller) == 'string' and poller or ''
      }
      """;

  private static final char BETWEEN = '\u001f';

  private static final String UNREADABLE = "another version of the agent tells of it";
  private static final String TURNLESS = "it polls, and its agent knows no turns";

  /// A reason is for people; every node reads those of all.
  private static final int LONGEST = 300;

  private final RedisScripts scripts;

  RedisTurns(RemoteRedis redis, String group) {
    var poller = RedisLease.key(group);
    var base = "armory-agent:{" + group + "}:turn";
    this.scripts =
        new RedisScripts(
            redis,
            "the group's turns",
            base + ":nodes",
            base + ":holders",
            base + ":held-back",
            base + ":store",
            base + ":approved",
            poller);
  }

  @Override
  public Outcome<Board> exchange(
      Member me, Duration ttl, Step step, long highest, List<HeldBack> known) {
    var words =
        new ArrayList<>(
            List.of(
                me.node(),
                Long.toString(ttl.toMillis()),
                text(me),
                Long.toString(highest),
                UUID.randomUUID().toString()));
    words.addAll(words(step));
    for (var held : known) {
      words.add(held.change().digest());
      words.add(text(held));
    }
    return scripts
        .run(EXCHANGE, words.toArray(String[]::new))
        .flatMap(answer -> board((List<?>) answer));
  }

  /// Verb, token, epoch, entry, digest.
  private static List<String> words(Step step) {
    return switch (step) {
      case Step.Tell _ -> List.of("tell", "", "", "", "");
      case Step.Take(var change, var since, var token, var epoch) ->
          List.of("take", Long.toString(token), epoch, text(change, since), "");
      case Step.Force(var change, var since) -> List.of("force", "", "", text(change, since), "");
      case Step.Keep(var held, var restores) ->
          List.of(
              "keep",
              Long.toString(held.token()),
              restores.orElse(""),
              text(held.change(), held.since()),
              "");
      case Step.Fail(var what) -> List.of("fail", "", "", text(what), what.change().digest());
      case Step.Lift(var digest) -> List.of("lift", "", "", "", digest);
      case Step.Approve(var what) -> List.of("approve", "", "", text(what), what.change().digest());
      case Step.Withdraw(var digest) -> List.of("withdraw", "", "", "", digest);
      case Step.Pass(var held) -> List.of("pass", Long.toString(held.token()), "", "", "");
    };
  }

  private Outcome<Board> board(List<?> answer) {
    try {
      var now = Long.parseLong(RedisConnection.string(answer.get(0)));
      var born = Long.parseLong(RedisConnection.string(answer.get(1)));
      return Outcome.done(
          new Board(
              members(answer.get(4), RedisConnection.string(answer.get(8))),
              entries(answer.get(5), orElse(RedisTurns::holder, RedisTurns::somebodyChanging)),
              entries(answer.get(6), RedisTurns::heldBack),
              entries(answer.get(7), RedisTurns::approved),
              Long.parseLong(RedisConnection.string(answer.get(3))),
              RedisConnection.string(answer.get(2)),
              now,
              Duration.ofMillis(Math.max(0, now - born))));
    } catch (NumberFormatException e) {
      return scripts.foreign(3);
    }
  }

  /// As parsed; of what a newer agent has written in another way, no more than that it is there.
  private static <T> BiFunction<String, String[], Optional<T>> orElse(
      BiFunction<String, String[], Optional<T>> parse, Function<String, T> otherwise) {
    return (key, fields) -> {
      try {
        return parse.apply(key, fields).or(() -> Optional.of(otherwise.apply(key)));
      } catch (NumberFormatException e) {
        return Optional.of(otherwise.apply(key));
      }
    };
  }

  /// Those that registered, and the poller: an agent that knows no turns tells of itself by its
  /// lease alone.
  private static List<Member> members(Object flat, String lease) {
    var all =
        new ArrayList<>(entries(flat, orElse(RedisTurns::member, n -> somebody(n, UNREADABLE))));
    RedisLease.grant(lease)
        .filter(g -> all.stream().noneMatch(m -> List.of(g.node(), g.holder()).contains(m.node())))
        .ifPresent(g -> all.add(somebody(g.node(), TURNLESS)));
    return all;
  }

  /// A node that is there, and of which nothing else is known.
  private static Member somebody(String node, String how) {
    return new Member(node, "", true, how, Instant.EPOCH, "", "", Optional.empty(), 0, "");
  }

  /// It changes, whatever it is that it changes to.
  private static Holder somebodyChanging(String node) {
    return new Holder(node, 0, new Change("", ""), Instant.EPOCH);
  }

  /// What a newer agent has written in another way is left out, and left alone.
  private static <T> List<T> entries(Object flat, BiFunction<String, String[], Optional<T>> parse) {
    var all = new TreeMap<String, T>();
    var words = (List<?>) flat;
    for (var i = 0; i + 1 < words.size(); i += 2) {
      var key = RedisConnection.string(words.get(i));
      var value = RedisConnection.string(words.get(i + 1));
      var fields = value.substring(value.indexOf(' ') + 1).split(String.valueOf(BETWEEN), -1);
      try {
        parse.apply(key, fields).ifPresent(parsed -> all.put(key, parsed));
      } catch (NumberFormatException e) {
        // Not one of ours.
      }
    }
    return List.copyOf(all.values());
  }

  private static String text(Member m) {
    return join(
        m.role(),
        m.ready() ? "1" : "0",
        m.reason(),
        Long.toString(m.since().toEpochMilli()),
        m.revision(),
        m.good(),
        m.wants().map(Change::digest).orElse(""),
        m.wants().map(Change::revision).orElse(""),
        Long.toString(m.waitsSince()),
        m.version());
  }

  private static Optional<Member> member(String node, String[] f) {
    return f.length < 10
        ? Optional.empty()
        : Optional.of(
            new Member(
                node,
                f[0],
                f[1].equals("1"),
                f[2],
                instant(f[3]),
                f[4],
                f[5],
                f[6].isEmpty() ? Optional.empty() : Optional.of(new Change(f[6], f[7])),
                Long.parseLong(f[8]),
                f[9]));
  }

  private static String text(Change change, Instant since) {
    return join(change.digest(), change.revision(), Long.toString(since.toEpochMilli()));
  }

  private static Optional<Holder> holder(String node, String[] f) {
    return f.length < 4
        ? Optional.empty()
        : Optional.of(
            new Holder(node, Long.parseLong(f[0]), new Change(f[1], f[2]), instant(f[3])));
  }

  private static String text(HeldBack held) {
    return join(
        held.lifted() ? "1" : "0",
        held.change().revision(),
        held.node(),
        held.reason(),
        Long.toString(held.at().toEpochMilli()));
  }

  private static Optional<HeldBack> heldBack(String digest, String[] f) {
    return f.length < 5
        ? Optional.empty()
        : Optional.of(
            new HeldBack(new Change(digest, f[1]), f[2], f[3], instant(f[4]), f[0].equals("1")));
  }

  private static String text(Approved approved) {
    return join(
        approved.change().revision(), approved.by(), Long.toString(approved.at().toEpochMilli()));
  }

  private static Optional<Approved> approved(String digest, String[] f) {
    return f.length < 3
        ? Optional.empty()
        : Optional.of(new Approved(new Change(digest, f[0]), f[1], instant(f[2])));
  }

  private static Instant instant(String millis) {
    return Instant.ofEpochMilli(Long.parseLong(millis));
  }

  private static String join(String... fields) {
    return Stream.of(fields).map(RedisTurns::clean).collect(Collectors.joining("" + BETWEEN));
  }

  private static String clean(String field) {
    var clean = field.replaceAll("\\p{Cntrl}", " ");
    return clean.length() > LONGEST ? clean.substring(0, LONGEST) + "…" : clean;
  }

  @Override
  public void close() {
    scripts.close();
  }
}
