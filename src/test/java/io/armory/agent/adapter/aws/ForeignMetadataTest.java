package io.armory.agent.adapter.aws;

import static io.armory.agent.adapter.aws.TestNode.failure;
import static io.armory.agent.adapter.aws.TestNode.value;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What answers at the address of IMDS and is not IMDS.
class ForeignMetadataTest {
  private static final String INSTANCE = "i-0123456789abcdef0";
  private static final String PAGE = "<html><body>Sign in to the guest network</body></html>";

  private final Map<String, String> items = new ConcurrentHashMap<>();
  private volatile String ec2 = "";
  private volatile boolean endless;
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
    tag("armory:stack", "preprod");
    tag("armory:role", "ha");
    list("armory:stack", "armory:role", "Name");
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
      exchange.getResponseHeaders().add("X-aws-ec2-metadata-token-ttl-seconds", "21600");
      send(exchange, 200, "a-token");
    } else if (path.startsWith("/latest/meta-data/")) {
      var item = path.substring("/latest/meta-data/".length());
      var value = items.getOrDefault(item, items.get("*"));
      if (value != null && endless) {
        flood(exchange);
      } else {
        send(exchange, value == null ? 404 : 200, value == null ? "" : value);
      }
    } else {
      send(exchange, ec2.isEmpty() ? 403 : 200, ec2);
    }
  }

  private static void flood(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      for (var i = 0; i < 1_000_000; i++) {
        out.write(new byte[65536]);
      }
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private void tag(String key, String text) {
    items.put("tags/instance/" + key, text);
  }

  private void list(String... keys) {
    items.put("tags/instance", String.join("\n", keys));
  }

  private InstanceIdentity identity(Optional<NodeIdentity> before) {
    return new InstanceIdentity(
        clients, Optional.empty(), new InstanceIdentity.Known(false, false, before));
  }

  private Outcome<NodeIdentity> identified() {
    try (var identity = identity(Optional.empty())) {
      return identity.identify();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PAGE,
        "{\"tags\":[]}",
        "{}",
        "[]",
        "[\"armory:stack\",\"armory:role\"]",
        "null\n<br>",
        "armory:stack\narmory:stack",
        "error code: 1020",
        "Zugriff verweigert: Proxy-Anmeldung n\u00f6tig",
        "a/b/",
        "armory:stack\n\nName",
        "\u0000\u0001",
      })
  void what_no_list_of_tags_can_be_is_unreadable_and_not_empty(String body) {
    items.put("tags/instance", body);
    var failure = failure(identified());
    assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
    assertThat(failure.message()).startsWith("IMDS tags/instance: the answer is no list of tags");
  }

  @ParameterizedTest
  @ValueSource(strings = {"OK", "true", "null", "404", "Forbidden"})
  void what_has_an_answer_to_anything_is_no_imds(String word) {
    items.remove("tags/instance");
    items.put("*", word);
    assertThat(failure(identified()))
        .matches(f -> f.kind() == Kind.TRANSIENT)
        .matches(f -> f.message().startsWith("IMDS tags/instance: what answers has an answer"));
  }

  @ParameterizedTest
  @CsvSource({
    "instance-id, OK",
    "instance-id, <html>",
    "instance-id, '{\"id\":1}'",
    "placement/region, null",
    "placement/region, <p>us-east-1</p>",
    "placement/availability-zone, 404",
    "local-ipv4, localhost",
    "local-ipv4, '{}'",
    "tags/instance/armory:stack, 'a\nb'",
    "tags/instance/armory:role, 'ha\u0007'",
  })
  void a_fact_that_cannot_be_one_is_unreadable(String item, String body) {
    items.put(item, body);
    var failure = failure(identified());
    assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
    assertThat(failure.message()).startsWith("IMDS " + item + ": the answer is no ");
  }

  @Test
  void a_page_in_the_place_of_the_instances_id_is_not_another_instance() {
    items.put("instance-id", PAGE);
    assertThat(InstanceIdentity.instanceId(clients.options())).isEmpty();
  }

  private static final String MACS = "network/interfaces/macs/";

  /// An instance may have interfaces in two VPCs, and a VPC more than one range.
  @Test
  void the_ranges_of_its_vpcs_are_the_nodes() {
    items.put(MACS, "0e:49:61:0f:c3:11/\n0e:49:61:0f:c3:12/");
    items.put(MACS + "0e:49:61:0f:c3:11/vpc-ipv4-cidr-blocks", "10.50.0.0/16\n100.64.0.0/16");
    items.put(MACS + "0e:49:61:0f:c3:11/vpc-ipv6-cidr-blocks", "2600:1f16::/56");
    items.put(MACS + "0e:49:61:0f:c3:12/vpc-ipv4-cidr-blocks", "10.60.0.0/16");
    var ranges = new VpcRanges(clients);
    assertThat(ranges.get().stream().map(n -> n.range().toString()))
        .containsExactly("10.50.0.0/16", "100.64.0.0/16", "2600:1f16::/56", "10.60.0.0/16");
    server.stop(0);
    assertThat(ranges.get()).as("what was told once is kept").hasSize(4);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 10.50.0.0/16",
    "'" + PAGE + "', 10.50.0.0/16",
    "0e:49:61:0f:c3:11/, '" + PAGE + "'",
    "0e:49:61:0f:c3:11/, 10.50.0.0",
    "0e:49:61:0f:c3:11/, '10.50.0.0/16,10.51.0.0/16'",
    "../../user-data, 10.50.0.0/16",
  })
  void ranges_that_cannot_be_any_are_left_out_and_asked_for_again(String macs, String ranges) {
    items.put(MACS, macs);
    items.put(MACS + "0e:49:61:0f:c3:11/vpc-ipv4-cidr-blocks", ranges);
    var vpc = new VpcRanges(clients);
    assertThat(vpc.get()).isEmpty();
    items.put(MACS, "0e:49:61:0f:c3:11/");
    items.put(MACS + "0e:49:61:0f:c3:11/vpc-ipv4-cidr-blocks", "10.50.0.0/16");
    assertThat(vpc.get()).hasSize(1);
  }

  @Test
  void a_body_without_an_end_is_cut_off() {
    endless = true;
    assertThat(failure(identified()).message()).contains("longer than 262144 bytes");
  }

  @Test
  void a_stack_that_vanishes_while_the_instance_stays_waits_for_ec2() {
    try (var identity = identity(Optional.empty())) {
      assertThat(value(identity.identify()).stack().value()).isEqualTo("preprod");
      list("Name");
      var failure = failure(identity.identify());
      assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
      assertThat(failure.message())
          .contains("armory:role, armory:stack, which this instance had, is missing")
          .contains("EC2 does not confirm");
      list("armory:stack", "armory:role");
      assertThat(value(identity.identify()).role().map(Fact::value)).contains("ha");
    }
  }

  @Test
  void so_does_one_that_lost_its_value() {
    try (var identity = identity(Optional.empty())) {
      value(identity.identify());
      tag("armory:stack", "");
      assertThat(failure(identity.identify()).message()).contains("EC2 does not confirm");
    }
  }

  @Test
  void one_that_ec2_does_not_know_either_is_gone() {
    try (var identity = identity(Optional.empty())) {
      value(identity.identify());
      list("Name");
      ec2 =
          """
          <DescribeTagsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
          <requestId>one</requestId><tagSet/></DescribeTagsResponse>\
          """;
      var node = value(identity.identify());
      assertThat(node.stack()).isEqualTo(new Fact("default", "default"));
      assertThat(node.role()).isEmpty();
    }
  }

  @Test
  void one_that_ec2_still_knows_is_not_gone() {
    try (var identity = identity(Optional.empty())) {
      value(identity.identify());
      list("Name");
      ec2 =
          """
          <DescribeTagsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
          <requestId>one</requestId><tagSet><item><resourceId>i-0123456789abcdef0</resourceId>
          <resourceType>instance</resourceType><key>armory:stack</key><value>preprod</value></item>
          </tagSet></DescribeTagsResponse>\
          """;
      assertThat(value(identity.identify()).stack())
          .isEqualTo(new Fact("preprod", "tag armory:stack (EC2 DescribeTags)"));
    }
  }

  @Test
  void what_was_known_before_a_restart_counts_for_the_same_instance_alone() {
    var before = value(identified());
    list("Name");
    try (var again = identity(Optional.of(before))) {
      assertThat(failure(again.identify()).message()).contains("armory:stack");
    }
    items.put("instance-id", "i-0fedcba9876543210");
    try (var other = identity(Optional.of(before))) {
      assertThat(value(other.identify()).stack().value()).isEqualTo("default");
    }
  }

  @Test
  void a_person_who_says_stack_and_role_is_believed() {
    var before = value(identified());
    list("Name");
    var said = new InstanceIdentity.Known(true, true, Optional.of(before));
    try (var identity = new InstanceIdentity(clients, Optional.empty(), said)) {
      assertThat(value(identity.identify()).stack().value()).isEqualTo("default");
    }
  }

  @Test
  void another_stack_is_taken_at_its_word() {
    try (var identity = identity(Optional.empty())) {
      value(identity.identify());
      tag("armory:stack", "prod");
      assertThat(value(identity.identify()).stack().value()).isEqualTo("prod");
    }
  }

  @Test
  void a_group_that_names_nothing_may_go() {
    tag("aws:autoscaling:groupName", "app-other-v001");
    list("armory:stack", "armory:role", "aws:autoscaling:groupName");
    try (var identity = identity(Optional.empty())) {
      value(identity.identify());
      list("armory:stack", "armory:role");
      assertThat(value(identity.identify()).stack().value()).isEqualTo("preprod");
    }
  }
}
