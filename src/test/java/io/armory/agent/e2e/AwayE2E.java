package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.adapter.docker.LocalRegistry;
import io.armory.agent.rig.FreePort;
import io.armory.agent.rig.ImdsStandIn;
import io.armory.agent.rig.MotoServer;
import io.armory.agent.rig.Relay;
import io.armory.agent.rig.Sheet;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// IMDS, SSM, the registry and the shared Redis are away, each in every way, at any instant of a
/// start, of a release and of nothing at all: what runs goes on, nothing is decided meanwhile that
/// the other way round would not be, and afterwards it is as the sources say. The node runs gate.
class AwayE2E {
  private static final String PART = "away";
  private static final int ROUNDS = Sheet.size(PART, 2);
  private static final String PARAMETERS = "/armory/spinnaker/preprod/";
  private static final long ID = ProcessHandle.current().pid();
  private static final String REDIS = "e2e-away-redis-" + ID;

  @TempDir Path root;
  @TempDir Path registryHome;
  private final Map<Who, Relay> between = new EnumMap<>(Who.class);
  private final List<AutoCloseable> all = new ArrayList<>();
  private final MotoServer aws = closed(new MotoServer());
  private String release = "r1";
  private String story = "";

  private enum Who {
    IMDS("IMDS"),
    SSM("SSM"),
    REGISTRY("the registry"),
    REDIS("the shared Redis");

    private final String words;

    Who(String words) {
      this.words = words;
    }
  }

  private enum How {
    REFUSES,
    HANGS,
    ERRS,
    IS_SLOW,
    BREAKS_OFF
  }

  private enum Change {
    START,
    RELEASE,
    NOTHING
  }

  private <T extends AutoCloseable> T closed(T one) {
    all.add(one);
    return one;
  }

  @AfterEach
  void down() throws Exception {
    for (var one : all.reversed()) {
      one.close();
    }
    Shell.run(List.of("docker", "rm", "-f", "-v", REDIS));
    Shell.run(List.of("docker", "rmi", "-f", image("r1"), image("r2")));
  }

  @Test
  void whoever_is_away_nothing_is_decided_without_them() throws Exception {
    var seed = Sheet.seed(PART);
    var random = new Random(seed);
    var node = closed(node());
    node.startAgent();
    converged(node);
    var counts = new TreeMap<String, Integer>();
    SmallLife.live(
        seed,
        ROUNDS,
        () -> story + "\nlog:\n" + node.logText(),
        () -> {
          var who = Who.values()[random.nextInt(Who.values().length)];
          var how = How.values()[random.nextInt(How.values().length)];
          var change = Change.values()[random.nextInt(Change.values().length)];
          story = "%s %s at %s".formatted(who, how, change);
          round(node, random, who, how, change);
          counts.merge("times %s is away".formatted(who.words), 1, Integer::sum);
        });
    counts.forEach((what, n) -> Sheet.count(PART, what, n, seed));
  }

  private void round(Node node, Random random, Who who, How how, Change change) {
    var before = SmallStack.lives(node);
    var earlier = node.logText().length();
    var early = random.nextBoolean();
    var events = random.nextInt(4);
    try (var tape = EventTape.of(node.project)) {
      if (early) {
        begin(who, how);
        change(node, change);
      } else {
        change(node, change);
        tape.happened(events, Duration.ofSeconds(1 + random.nextInt(4)));
        begin(who, how);
      }
      try {
        watch(node, tape, random.nextInt(20));
        if (change != Change.RELEASE) {
          assertThat(SmallStack.lives(node)).as("meanwhile").isEqualTo(before);
        }
      } finally {
        relay(who).mend();
      }
      converged(node);
      assertThat(tape.count("create"))
          .as(tape.toString())
          .isEqualTo(change == Change.RELEASE ? 1 : 0);
      assertThat(tape.count("start"))
          .as(tape.toString())
          .isEqualTo(change == Change.RELEASE ? 1 : 0);
    }
    assertThat(node.logText().substring(earlier)).doesNotContain("going back to");
  }

  /// It lives, and says what it knows, also while it cannot know more.
  private static void watch(Node node, EventTape tape, int times) {
    for (var i = 0; i <= times; i++) {
      await("it answers")
          .atMost(Duration.ofSeconds(30))
          .ignoreException(UncheckedIOException.class)
          .until(() -> node.get("/health/live").status() == 200);
      assertThat(node.get("/health/ready").status()).isIn(200, 503);
      tape.happened(1, Duration.ofMillis(200));
    }
  }

  private void converged(Node node) {
    await(story)
        .atMost(Duration.ofMinutes(3))
        .ignoreExceptions()
        .until(() -> {
          var gate = EngineSocket.containers(node.project).get(node.container("gate"));
          return gate != null
              && gate.path("Image").asText().equals(image(release))
              && gate.path("State").asText().equals("running")
              && node.isReady()
              && SmallLife.isSteady(node);
        });
    assertThat(EngineSocket.containers(node.project)).hasSize(1);
  }

  private void change(Node node, Change change) {
    switch (change) {
      case START -> {
        node.killAgent();
        node.launchAgent();
      }
      case RELEASE -> {
        release = release.equals("r1") ? "r2" : "r1";
        // It has to come from the registry.
        Shell.run(List.of("docker", "rmi", "-f", image(release)));
        aws.put(Map.of(PARAMETERS + "version", release));
      }
      case NOTHING -> {}
    }
  }

  private Relay relay(Who who) {
    return Objects.requireNonNull(between.get(who));
  }

  private void begin(Who who, How how) {
    var relay = relay(who);
    switch (how) {
      case REFUSES -> relay.cut();
      case HANGS -> relay.hold();
      case ERRS ->
          relay.answer(
              who == Who.REDIS
                  ? "-LOADING Redis is loading the dataset in memory\r\n"
                  : "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno");
      case IS_SLOW -> relay.slow(Duration.ofMillis(700));
      case BREAKS_OFF -> relay.breakOff(who == Who.REDIS ? 3 : 60);
    }
  }

  private String image(String tag) {
    return "127.0.0.1:%d/away/gate:%s".formatted(relay(Who.REGISTRY).endpoint().getPort(), tag);
  }

  private Node node() throws Exception {
    var imds = closed(new ImdsStandIn());
    imds.tag("armory:role", "edge");
    var registry = closed(new LocalRegistry(registryHome, false));
    between.put(Who.IMDS, closed(new Relay(imds.endpoint())));
    between.put(Who.SSM, closed(new Relay(aws.endpoint())));
    between.put(Who.REGISTRY, closed(new Relay(URI.create("http://" + registry.address()))));
    between.put(Who.REDIS, redis());
    var login = publish();
    var node =
        Node.inAws(
            root,
            "e2e-away-" + ID,
            Map.of(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT", relay(Who.IMDS).endpoint().toString(),
                "AWS_ENDPOINT_URL_SSM", relay(Who.SSM).endpoint().toString(),
                "AWS_ENDPOINT_URL_AUTO_SCALING", "http://127.0.0.1:1",
                "AWS_CONFIG_FILE", root.resolve("none").toString(),
                "AWS_SHARED_CREDENTIALS_FILE", root.resolve("none").toString(),
                "DOCKER_CONFIG", login.toString()));
    node.settings(SmallLife.SETTINGS);
    node.write("etc/armory-agent/compose/roles/edge.yml", SharedOutageE2E.role(node));
    var subnet = SmallStack.subnet();
    var registryOfImages = image("").replace("/gate:", "");
    aws.put(
        Map.of(
            PARAMETERS + "env/SPINNAKER_REGISTRY",
            registryOfImages,
            PARAMETERS + "env/STACK_SUBNET",
            subnet,
            PARAMETERS + "env/REDIS_HOST",
            subnet.replace(".0/24", ".1"),
            PARAMETERS + "env/REDIS_PORT",
            "" + relay(Who.REDIS).endpoint().getPort(),
            PARAMETERS + "version",
            release));
    return node;
  }

  private Relay redis() throws Exception {
    var port = FreePort.next();
    Shell.must(
        "docker",
        "run",
        "-d",
        "--name",
        REDIS,
        "-p",
        "127.0.0.1:" + port + ":6379",
        "armory-standin/redis:dev");
    return closed(
        new Relay(InetAddress.getByName("0.0.0.0"), URI.create("redis://127.0.0.1:" + port)));
  }

  private Path publish() throws Exception {
    var config = Files.createDirectories(registryHome.resolve("login"));
    var user = LocalRegistry.USER + ":" + LocalRegistry.PASSWORD;
    var auth = Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        config.resolve("config.json"),
        "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(image("").split("/")[0], auth));
    for (var one : Map.of("r1", "dev", "r2", "next").entrySet()) {
      Shell.must("docker", "tag", "armory-standin/gate:" + one.getValue(), image(one.getKey()));
      Shell.must("docker", "--config", config.toString(), "push", "-q", image(one.getKey()));
      Shell.must("docker", "rmi", image(one.getKey()));
    }
    return config;
  }
}
