package io.armory.agent.adapter.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.rig.Mutator;
import io.armory.agent.rig.Sheet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Answers that no Redis gives: each is a failure with one short line, and never a PONG.
class HostileRepliesTest {
  private static final int ANSWERS = Sheet.size("hostile", 150);
  private static final Mutator MUTATOR =
      new Mutator(
          List.of(
              "-ERR unknown command\r\n",
              "*2\r\n$4\r\nname\r\n$5\r\nvalue\r\n",
              "$4\r\nPING\r\n",
              "%1\r\n+a\r\n:1\r\n",
              ":1\r\n",
              "_\r\n",
              "(12345678901234567890\r\n",
              ",1.5\r\n",
              "#f\r\n",
              "=7\r\ntxt:abc\r\n",
              "~1\r\n+a\r\n",
              ">2\r\n+message\r\n+x\r\n",
              "!5\r\nERR x\r\n",
              "|1\r\n+ttl\r\n:3600\r\n",
              "HTTP/1.1 200 OK\r\n\r\n<html></html>",
              "SSH-2.0-OpenSSH_9.2\r\n",
              "\u0015\u0003\u0001\u0000\u0002\u0002\n"),
          List.of(
              "\r\n",
              "\n",
              "*1\r\n",
              "*1\r\n".repeat(5_000),
              "$1000000000\r\n",
              "*2147483647\r\n",
              "$-2\r\n",
              "*-1\r\n",
              "%99999999999999999999\r\n",
              "-",
              "+",
              "\0",
              "-NOAUTH no\r\n",
              "-LOADING\r\n",
              "-MOVED 1 127.0.0.1:1\r\n",
              "-READONLY\r\n",
              "$0\r\n\r\n",
              "x".repeat(70_000)));

  @Test
  void none_is_believed_and_none_ends_anything() throws IOException {
    var seed = Sheet.seed("hostile");
    for (var i = 0; i < ANSWERS; i++) {
      var answer = MUTATOR.mutated(seed + i);
      if (!answer.startsWith("+")) {
        isRefused(answer, "seed " + (seed + i));
      }
    }
    Sheet.count("hostile", "answers in the place of Redis", ANSWERS, seed);
  }

  private static void isRefused(String answer, String about) throws IOException {
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        var client = new RedisClient()) {
      Thread.ofVirtual().start(() -> serve(server, answer));
      var outcome = client.ask(redis(server.getLocalPort()));
      assertThat(outcome).as(about).isInstanceOf(Outcome.Failed.class);
      isPlain(outcome.whyFailed().orElseThrow().message());
    }
  }

  /// It is a Redis, and what it says of itself is not.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis_version:LONG",
        "redis_version:7\u001b[2J\u0007",
        "maxmemory:99999999999999999999\r\nused_memory:1",
        "maxmemory:1\r\nused_memory:9223372036854775807",
        "maxmemory_policy:LONG",
        "maxmemory_policy:\u001b]0;x\u0007",
        "role:slave\u0000",
        "cluster_enabled:1\r\ncluster_enabled:LONG",
        ":::\r\n\r\n\n:",
        "redis_version:7.4.0\r\nredis_version:\u202e4.7",
        "redis_version:\r\nused_memory:-1\r\nmaxmemory:-1",
        "maxmemory:NaN\r\nused_memory:1e999",
        "role:\u2028slave",
        "loading:1\r\nmaster_link_status:down\r\nrole:slave",
        "LONG",
      })
  void what_it_says_of_itself_is_short_and_plain(String info) throws IOException {
    var text = info.replace("LONG", "x".repeat(1_000_000));
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        var client = new RedisClient()) {
      Thread.ofVirtual()
          .start(() ->
              serve(server, "+PONG\r\n+PONG\r\n$%d\r\n%s\r\n".formatted(text.length(), text)));
      switch (client.ask(redis(server.getLocalPort()))) {
        case Outcome.Failed<RedisAnswer>(var failure) -> isPlain(failure.message());
        case Outcome.Done<RedisAnswer>(var answer) -> {
          isPlain(answer.version());
          answer.warnings().forEach(HostileRepliesTest::isPlain);
        }
      }
    }
  }

  private static void isPlain(String words) {
    assertThat(words).hasSizeLessThan(400);
    assertThat(words.chars().noneMatch(Character::isISOControl)).as(words).isTrue();
  }

  private static RemoteRedis redis(int port) {
    return new RemoteRedis(
        "127.0.0.1", port, false, "", new Secret(""), Optional.empty(), Set.of(), false);
  }

  /// Says it once, and ends: what is half an answer is then a broken one.
  private static void serve(ServerSocket server, String answer) {
    while (!server.isClosed()) {
      try (var socket = server.accept()) {
        var _ = socket.getInputStream().read(new byte[1024]);
        socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
      } catch (IOException e) {
        // The client has heard enough.
      }
    }
  }
}
