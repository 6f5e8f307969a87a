package io.armory.agent.adapter.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.rig.Certificates;
import io.armory.agent.rig.FreePort;
import io.armory.agent.rig.RedisServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A real Redis with a password and TLS, and each way in which it cannot be worked with: every one
/// has its own sentence, which names the Redis and what to do, and no password.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("RemoteRedisIT") // its methods share one Redis: one after the other
class RemoteRedisIT {
  private static final String PASSWORD = "the-right-password";
  private static final String WRONG = "not-the-password";
  private static final String NAMES = "DNS:localhost,IP:127.0.0.1";

  @TempDir static Path directory;
  private static Certificates certificates;
  @AutoClose private static RedisServer redis;

  @AutoClose private final RedisClient client = new RedisClient();

  @BeforeAll
  static void start() {
    certificates = new Certificates(directory);
    redis = RedisServer.secured(PASSWORD, certificates.of(NAMES), certificates);
  }

  @Test
  void all_is_well_with_tls_and_without_by_name_and_by_address() {
    for (var way :
        List.of(secured("localhost"), secured("127.0.0.1"), plain(redis.port(), PASSWORD))) {
      var answer = well(way);

      assertThat(answer.latency()).isBetween(Duration.ofNanos(1), Duration.ofSeconds(2));
      assertThat(answer.version()).matches("[0-9]+\\.[0-9]+\\.[0-9]+");
      assertThat(answer.warnings()).isEmpty();
    }
  }

  @Test
  void one_connection_serves_all_questions_and_one_closed_for_being_idle_is_no_failure() {
    var way = secured("localhost");
    well(way);
    var before = connections();
    well(way);
    well(way);
    assertThat(connections()).as("made meanwhile, with redis-cli's own").isEqualTo(before + 1);

    redis.command("CLIENT", "KILL", "TYPE", "normal");

    well(way);
  }

  @Test
  void the_wrong_password_is_refused() {
    for (var port : List.of(plain(redis.port(), WRONG), secured("localhost", WRONG))) {
      assertThat(ill(port, Failure.Kind.DENIED))
          .isEqualTo(
              port.address() + " refuses the password in REDIS_PASSWORD: set the one it has");
    }
  }

  @Test
  void no_password_where_one_is_wanted() {
    var way = plain(redis.port(), "");

    assertThat(ill(way, Failure.Kind.DENIED))
        .isEqualTo(way.address() + " wants a password, and none is set: set REDIS_PASSWORD");
  }

  @Test
  void a_password_where_none_is_wanted() {
    try (var open = new RedisServer("")) {
      assertThat(ill(plain(open.port(), PASSWORD), Failure.Kind.DENIED))
          .contains("has no password, and REDIS_PASSWORD is set");
    }
  }

  @Test
  void a_user_that_may_do_little_is_told_what_it_may_not() {
    redis.command("ACL", "SETUSER", "few", "on", ">" + PASSWORD, "~*", "+ping");
    redis.command("ACL", "SETUSER", "none", "on", ">" + PASSWORD, "~*");

    assertThat(well(of("localhost", redis.port(), false, "few", PASSWORD, true)).warnings())
        .containsExactly(
            "localhost:%d does not allow INFO: its role and memory cannot be checked"
                .formatted(redis.port()));
    assertThat(
            ill(of("localhost", redis.port(), false, "none", PASSWORD, true), Failure.Kind.DENIED))
        .contains("does not allow it: NOPERM");
    assertThat(
            ill(
                of("localhost", redis.port(), false, "nobody", PASSWORD, true),
                Failure.Kind.DENIED))
        .contains("refuses the password in REDIS_PASSWORD");
  }

  @Test
  void tls_to_a_plain_port() {
    var way = of("localhost", redis.port(), true, "", PASSWORD, true);

    assertThat(ill(way, Failure.Kind.INVALID))
        .isEqualTo(
            way.address()
                + " does not speak TLS, and REDIS_TLS is true: set REDIS_TLS=false, or the port of"
                + " its TLS in REDIS_PORT");
  }

  @Test
  void no_tls_to_a_tls_port_and_the_password_stays_at_home() throws Exception {
    var way = plain(redis.tlsPort(), PASSWORD);
    assertThat(ill(way, Failure.Kind.INVALID))
        .isEqualTo(way.address() + " wants TLS, and REDIS_TLS is not true: set REDIS_TLS=true");

    try (var eavesdropper = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var heard = new ConcurrentLinkedQueue<String>();
      Thread.ofVirtual().start(() -> listen(eavesdropper, heard));
      ill(plain(eavesdropper.getLocalPort(), PASSWORD));
      assertThat(String.join("", heard))
          .contains("PING")
          .doesNotContain(PASSWORD)
          .doesNotContain("AUTH");
    }
  }

  @Test
  void an_authority_that_is_not_trusted() throws IOException {
    var way = of("localhost", redis.tlsPort(), true, "", PASSWORD, false);
    assertThat(ill(way, Failure.Kind.INVALID))
        .isEqualTo(
            "the certificate of "
                + way.address()
                + " is not from a trusted authority: name its authority's file in REDIS_CA_FILE");

    var other = new Certificates(Files.createTempDirectory(directory, "other"));
    assertThat(ill(trusting(other.authority()), Failure.Kind.INVALID))
        .contains("is not from a trusted authority");
  }

  @Test
  void an_authority_file_that_is_none() throws IOException {
    var absent = directory.resolve("absent.pem");
    assertThat(ill(trusting(absent), Failure.Kind.INVALID))
        .isEqualTo("REDIS_CA_FILE " + absent + " cannot be used: no such file");

    var empty = Files.writeString(directory.resolve("empty.pem"), "");
    assertThat(ill(trusting(empty), Failure.Kind.INVALID))
        .contains("REDIS_CA_FILE " + empty + " cannot be used: ");

    var junk = Files.writeString(directory.resolve("junk.pem"), "no certificate at all");
    assertThat(ill(trusting(junk), Failure.Kind.INVALID))
        .contains("REDIS_CA_FILE " + junk + " cannot be used: ");
  }

  @Test
  void a_certificate_for_another_name() {
    try (var other =
        RedisServer.secured(PASSWORD, certificates.of("DNS:redis.internal"), certificates)) {
      for (var host : List.of("localhost", "127.0.0.1")) {
        assertThat(ill(of(host, other.tlsPort(), true, "", PASSWORD, true), Failure.Kind.INVALID))
            .isEqualTo(
                "the certificate of %s:%d is for another name than %s: set REDIS_HOST to a name in it"
                    .formatted(host, other.tlsPort(), host));
      }
    }
  }

  @Test
  void a_certificate_that_has_expired_or_is_not_valid_yet() {
    var now = Instant.now();
    var old = certificates.of(NAMES, now.minus(9, ChronoUnit.DAYS), now.minus(2, ChronoUnit.DAYS));
    try (var other = RedisServer.secured(PASSWORD, old, certificates)) {
      assertThat(
              ill(of("localhost", other.tlsPort(), true, "", PASSWORD, true), Failure.Kind.INVALID))
          .startsWith("the certificate of localhost:%d has expired".formatted(other.tlsPort()))
          .endsWith("renew it, or see this node's clock");
    }
    var early = certificates.of(NAMES, now.plus(2, ChronoUnit.DAYS), now.plus(9, ChronoUnit.DAYS));
    try (var other = RedisServer.secured(PASSWORD, early, certificates)) {
      assertThat(
              ill(of("localhost", other.tlsPort(), true, "", PASSWORD, true), Failure.Kind.INVALID))
          .startsWith("the certificate of localhost:%d is not valid yet".formatted(other.tlsPort()))
          .endsWith("see this node's clock");
    }
  }

  @Test
  void a_redis_that_wants_a_certificate_of_its_clients() {
    try (var strict =
        RedisServer.secured(
            PASSWORD, certificates.of(NAMES), certificates, "tls-auth-clients yes")) {
      assertThat(
              ill(
                  of("localhost", strict.tlsPort(), true, "", PASSWORD, true),
                  Failure.Kind.INVALID))
          .contains("wants a certificate of its clients")
          .endsWith("set tls-auth-clients no there");
    }
  }

  @Test
  void a_read_only_replica_and_a_primary_once_it_is_promoted() {
    try (var replica =
        new RedisServer(
            PASSWORD, "replicaof 127.0.0.1 " + redis.port(), "masterauth " + PASSWORD)) {
      var way = plain(replica.port(), PASSWORD);
      assertThat(ill(way, Failure.Kind.TRANSIENT))
          .isEqualTo(
              way.address()
                  + " is a read-only replica: set REDIS_HOST to the primary, or wait for a failover"
                  + " to end");

      replica.command("REPLICAOF", "NO", "ONE");

      well(way);
    }
  }

  @Test
  void nobody_listens_there() {
    var way = plain(FreePort.next(), PASSWORD);

    assertThat(ill(way, Failure.Kind.UNREACHABLE))
        .isEqualTo(
            way.address() + " refuses the connection: see REDIS_PORT, and whether the Redis runs");
  }

  @Test
  void nothing_comes_back_from_there_at_all() throws IOException {
    // What is beyond the backlog is dropped, as by a security group.
    try (var full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var waiting = new ArrayList<Socket>();
      try {
        while (connects(full.getLocalPort(), waiting)) {}
        var way = plain(full.getLocalPort(), PASSWORD);
        assertThat(ill(way, Failure.Kind.TIMEOUT))
            .isEqualTo(
                way.address()
                    + " does not answer within 2 s: see REDIS_HOST, and the security group of the"
                    + " Redis");
      } finally {
        waiting.forEach(RedisSockets::close);
      }
    }
  }

  @Test
  void the_name_does_not_resolve() {
    assertThat(ill(of("redis.invalid", 6379, true, "", PASSWORD, true), Failure.Kind.UNREACHABLE))
        .isEqualTo("the name redis.invalid does not resolve: see REDIS_HOST and DNS");
  }

  @Test
  void one_that_hangs_is_given_up_and_found_again() {
    for (var way : List.of(plain(redis.port(), PASSWORD), secured("localhost"))) {
      well(way);
      redis.pause();
      try {
        assertThat(ill(way, Failure.Kind.TIMEOUT)).contains("does not answer within 2 s");
      } finally {
        redis.goOn();
      }
      well(way);
    }
  }

  @Test
  void a_redis_that_evicts_or_is_almost_full_works_and_is_warned_of() {
    try (var small =
        new RedisServer(
            "", "maxmemory-policy allkeys-lru", "maxmemory 100mb", "cluster-enabled no")) {
      var way = plain(small.port(), "");
      assertThat(well(way).warnings())
          .containsExactly(
              way.address()
                  + " has maxmemory-policy allkeys-lru and may throw away pipelines under way: set"
                  + " noeviction");

      small.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
      small.command("CONFIG", "SET", "maxmemory", "900kb");
      assertThat(well(way).warnings())
          .singleElement()
          .asString()
          .startsWith(way.address() + " has used ")
          .contains("% of its memory and refuses writes at 100 %: give it more");
    }
  }

  @Test
  void a_cluster_is_warned_of() {
    try (var cluster = new RedisServer("", "cluster-enabled yes")) {
      assertThat(well(plain(cluster.port(), "")).warnings())
          .singleElement()
          .asString()
          .contains("is in cluster mode, which Spinnaker's services do not speak: switch it off");
    }
  }

  @Test
  void something_else_that_listens_there_is_no_redis() throws IOException {
    try (var web = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> answer(web, "HTTP/1.1 400 Bad Request\r\n\r\n"));
      var way = plain(web.getLocalPort(), PASSWORD);

      assertThat(ill(way, Failure.Kind.INVALID))
          .isEqualTo(way.address() + " is no Redis by its answer: see REDIS_HOST and REDIS_PORT");
    }
  }

  @Test
  void one_that_loads_its_data_is_not_out_for_good() throws IOException {
    try (var loading = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var words = "-LOADING Redis is loading the dataset in memory\r\n";
      Thread.ofVirtual().start(() -> answer(loading, words));
      var way = plain(loading.getLocalPort(), PASSWORD);

      assertThat(ill(way, Failure.Kind.TRANSIENT))
          .isEqualTo(way.address() + " is loading its data after a start");
    }
  }

  @Test
  void a_changed_password_is_seen_by_a_question_with_it() {
    try (var own = new RedisServer(PASSWORD)) {
      well(plain(own.port(), PASSWORD));
      own.command("CONFIG", "SET", "requirepass", "another-password");

      well(plain(own.port(), "another-password"));
      ill(plain(own.port(), PASSWORD), Failure.Kind.DENIED);
    }
  }

  private RedisAnswer well(RemoteRedis way) {
    return switch (client.ask(way)) {
      case Outcome.Done<RedisAnswer>(var answer) -> answer;
      case Outcome.Failed<RedisAnswer>(var failure) -> throw new AssertionError(failure.message());
    };
  }

  /// The sentence, after what holds for each of them.
  private String ill(RemoteRedis way, Failure.Kind... kind) {
    var failure = client.ask(way).whyFailed().orElseThrow();
    assertThat(failure.message())
        .containsAnyOf(way.host(), "REDIS_CA_FILE")
        .doesNotContain(PASSWORD)
        .doesNotContain(WRONG)
        .doesNotContain("\n")
        .doesNotContain("Exception");
    if (kind.length > 0) {
      assertThat(failure.kind()).as(failure.message()).isEqualTo(kind[0]);
    }
    return failure.message();
  }

  private static RemoteRedis secured(String host) {
    return secured(host, PASSWORD);
  }

  private static RemoteRedis secured(String host, String password) {
    return of(host, redis.tlsPort(), true, "", password, true);
  }

  private static RemoteRedis plain(int port, String password) {
    return of("127.0.0.1", port, false, "", password, false);
  }

  private static RemoteRedis trusting(Path authority) {
    return trusting(redis, PASSWORD, authority);
  }

  /// The way to a Redis with TLS, whose certificate this authority is believed to vouch for.
  static RemoteRedis trusting(RedisServer server, String password, Path authority) {
    return new RemoteRedis(
        "localhost",
        server.tlsPort(),
        true,
        "",
        new Secret(password),
        Optional.of(authority.toString()),
        Set.of(),
        false);
  }

  private static RemoteRedis of(
      String host, int port, boolean tls, String user, String password, boolean trusted) {
    var authority = Optional.of(certificates.authority().toString()).filter(_ -> trusted);
    return new RemoteRedis(host, port, tls, user, new Secret(password), authority, Set.of(), false);
  }

  private static int connections() {
    return redis
        .command("INFO", "stats")
        .lines()
        .filter(l -> l.startsWith("total_connections_received:"))
        .mapToInt(l -> Integer.parseInt(l.substring(l.indexOf(':') + 1).strip()))
        .findFirst()
        .orElseThrow();
  }

  private static boolean connects(int port, List<Socket> waiting) {
    var socket = new Socket();
    waiting.add(socket);
    try {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 300);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void listen(ServerSocket at, Queue<String> heard) {
    try {
      while (true) {
        var client = at.accept();
        Thread.ofVirtual().start(() -> read(client, heard));
      }
    } catch (IOException e) {
      // The test has ended.
    }
  }

  private static void read(Socket client, Queue<String> heard) {
    try (client) {
      var buffer = new byte[4096];
      for (var n = 0; n >= 0; n = client.getInputStream().read(buffer)) {
        heard.add(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      // It heard enough.
    }
  }

  private static void answer(ServerSocket at, String words) {
    try {
      while (true) {
        try (var client = at.accept()) {
          var _ = client.getInputStream().read(new byte[4096]);
          client.getOutputStream().write(words.getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (IOException e) {
      // The test has ended.
    }
  }
}
