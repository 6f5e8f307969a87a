package io.armory.agent.adapter.aws;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.rig.Mutator;
import io.armory.agent.rig.Sheet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Answers that neither IMDS nor SSM gives: each is a failure with one short line, or is taken at
/// its word where it may be; a node that knew its stack never falls back to the default one.
class HostileAwsTest {
  private static final int ANSWERS = Sheet.size("hostile", 150);
  private static final String INSTANCE = "i-0123456789abcdef0";
  private static final String STACK = "tags/instance/armory:stack";
  private static final List<String> ITEMS =
      List.of(
          "instance-id", "placement/region", "placement/availability-zone", "tags/instance", STACK);
  private static final List<String> WORDS =
      List.of(
          "<html>",
          "</html>",
          "{",
          "}",
          "[",
          "]",
          "\"",
          "null",
          "\n",
          "\r\n",
          "\0",
          "..",
          "/",
          "\u00ff",
          "armory:stack\n",
          "Name",
          " ",
          "1e999",
          "true",
          "\\u0000",
          ",",
          ":",
          "x".repeat(5_000),
          "{\"Name\":",
          "\"Value\":",
          "[".repeat(3_000),
          "\"Type\":\"SecureString\"");

  private final Map<String, String> items = new ConcurrentHashMap<>();
  private volatile String token = "a-token";
  private volatile String life = "21600";
  private volatile String ssm = "";
  private volatile Function<String, String> pages = asked -> "";
  private volatile int status = 200;
  private HttpServer server;
  private AwsClients clients;

  @BeforeEach
  void start() throws IOException {
    TestNode.useTestCredentials();
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 16);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
    items.put("instance-id", INSTANCE);
    items.put("placement/region", "us-east-1");
    items.put("placement/availability-zone", "us-east-1a");
    items.put("local-ipv4", "10.0.1.17");
    items.put(STACK, "preprod");
    items.put("tags/instance/armory:role", "ha");
    items.put("tags/instance", "armory:stack\narmory:role");
    var here = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    clients =
        new AwsClients(TestNode.silent(here, here, Duration.ofSeconds(5), Duration.ofMillis(1)));
  }

  @AfterEach
  void stop() {
    clients.close();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    var path = exchange.getRequestURI().getPath();
    if (path.equals("/latest/api/token")) {
      if (!life.isEmpty()) {
        exchange.getResponseHeaders().add("X-aws-ec2-metadata-token-ttl-seconds", life);
      }
      send(exchange, 200, token);
    } else if (path.startsWith("/latest/meta-data/")) {
      var value = items.get(path.substring("/latest/meta-data/".length()));
      send(exchange, value == null ? 404 : 200, value == null ? "" : value);
    } else {
      var asked = new String(exchange.getRequestBody().readAllBytes(), ISO_8859_1);
      var page = pages.apply(asked);
      send(exchange, ssm.isEmpty() && page.isEmpty() ? 403 : status, page.isEmpty() ? ssm : page);
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    var bytes = text.getBytes(ISO_8859_1);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Test
  void in_the_place_of_imds() {
    var seed = Sheet.seed("hostile");
    try (var identity =
        new InstanceIdentity(
            clients,
            Optional.empty(),
            new InstanceIdentity.Known(false, false, Optional.empty()))) {
      assertThat(TestNode.value(identity.identify()).stack().value()).isEqualTo("preprod");
      for (var i = 0; i < ANSWERS; i++) {
        var item = ITEMS.get((int) Math.floorMod(seed + i, (long) ITEMS.size()));
        var honest = TestNode.got(items, item);
        var text = new Mutator(List.copyOf(items.values()), WORDS).mutated(seed + i);
        items.put(item, text);
        var about = "seed %d, %s: %s".formatted(seed + i, item, text);
        switch (identity.identify()) {
          case Outcome.Done<NodeIdentity>(var node) ->
              assertThat(node.stack().value())
                  .as(about)
                  .isEqualTo(item.equals(STACK) ? text.strip() : "preprod")
                  .isNotEqualTo("default");
          case Outcome.Failed<NodeIdentity>(var failure) -> isOneLine(failure.message(), about);
        }
        items.put(item, honest);
      }
    }
    Sheet.count("hostile", "answers in the place of IMDS", ANSWERS, seed);
  }

  @Test
  void in_the_place_of_ssm() {
    var mutator =
        new Mutator(
            List.of(
                """
                {"Parameters":[{"Name":"/armory/spinnaker/preprod/A","Type":"String","Value":"1",\
                "Version":1,"LastModifiedDate":1.7E9},{"Name":"/armory/spinnaker/preprod/B",\
                "Type":"SecureString","Value":"s","Version":2}]}\
                """,
                "{\"Parameters\":[],\"NextToken\":\"x\"}",
                "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}",
                "<html><body>Sign in</body></html>"),
            WORDS);
    var node = TestNode.identity("preprod", Map.of());
    var seed = Sheet.seed("hostile");
    for (var i = 0; i < ANSWERS; i++) {
      ssm = mutator.mutated(seed + i) + " ";
      status = i % 4 == 0 ? 400 : 200;
      var about = "seed " + (seed + i) + ": " + ssm;
      switch (new SsmParameters(clients, Duration.ofMillis(200)).read(node)) {
        case Outcome.Done<Parameters>(var parameters) ->
            assertThat(parameters.variables()).as(about).hasSizeLessThan(100);
        case Outcome.Failed<Parameters>(var failure) -> isOneLine(failure.message(), about);
      }
    }
    Sheet.count("hostile", "answers in the place of SSM", ANSWERS, seed);
  }

  /// Tokens and lives of tokens that IMDS does not give.
  @ParameterizedTest
  @CsvSource({
    "'a\r\ntoken', 21600",
    "'', 21600",
    "'\u00e9\u0000\u0007', 21600",
    "a-token, soon",
    "a-token, ''",
    "a-token, 0",
    "a-token, -1",
    "a-token, 99999999999999999999",
    "a-token, 9223372036854775807",
    "LONG, 21600",
  })
  void a_token_that_is_none_is_said_and_ends_nothing(String text, String lasts) {
    token = text.equals("LONG") ? "x".repeat(300_000) : text;
    life = lasts;
    try (var identity =
        new InstanceIdentity(
            clients,
            Optional.empty(),
            new InstanceIdentity.Known(false, false, Optional.empty()))) {
      switch (identity.identify()) {
        case Outcome.Done<NodeIdentity>(var node) ->
            assertThat(node.stack().value()).isEqualTo("preprod");
        case Outcome.Failed<NodeIdentity>(var failure) -> isOneLine(failure.message(), text);
      }
      token = "a-token";
      life = "21600";
      assertThat(TestNode.value(identity.identify()).stack().value()).isEqualTo("preprod");
    }
  }

  /// A parser quotes what it did not understand.
  @Test
  void what_is_quoted_of_an_answer_says_nothing_to_a_terminal() {
    ssm = "\u0007A\u001b[2J{";
    var read =
        new SsmParameters(clients, Duration.ofMillis(200))
            .read(TestNode.identity("preprod", Map.of()));
    isOneLine(read.whyFailed().orElseThrow().message(), ssm);
  }

  /// Every page names another one, and each is full: no account has so many parameters, and the
  /// heap of the agent is small.
  @Test
  void pages_without_an_end_are_given_up_before_they_fill_the_memory() {
    var number = new AtomicInteger();
    pages =
        asked -> {
          var stack = asked.contains("/default") ? "default" : "preprod";
          var page = new StringBuilder("{\"Parameters\":[");
          for (var i = 0; i < 10; i++) {
            page.append(i == 0 ? "" : ",")
                .append("{\"Name\":\"/armory/spinnaker/" + stack + "/config/")
                .append(number.incrementAndGet())
                .append("\",\"Type\":\"String\",\"Version\":1,\"Value\":\"")
                .append("x".repeat(8_000))
                .append("\"}");
          }
          return page.append("],\"NextToken\":\"").append(number).append("\"}").toString();
        };
    var read =
        new SsmParameters(clients, Duration.ofMinutes(10))
            .read(TestNode.identity("preprod", Map.of()));
    assertThat(read.whyFailed().orElseThrow().message()).contains("more than");
    assertThat(number).as("of two stacks").hasValueLessThan(7_000);
  }

  private static void isOneLine(String message, String about) {
    assertThat(message).as(about).isNotBlank().hasSizeLessThan(2_000);
    assertThat(message.chars().noneMatch(Character::isISOControl)).as(about + message).isTrue();
  }
}
