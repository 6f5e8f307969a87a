package io.armory.agent.sources;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Cidr;
import io.armory.agent.domain.EngineAbilities;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.NodeRanges;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.SourceFiles;
import io.armory.agent.domain.TemplateFiles;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.reconcile.desired.Sources.Made;
import io.armory.agent.render.RenderRequest;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LastRenderingTest {
  private final Map<String, String> disk =
      new HashMap<>(Map.of("/t/spinnaker.yml", "services: {}"));
  private final LastRendering rendering =
      new LastRendering((path, most) ->
          disk.containsKey(path)
              ? new SourceFiles.Content(disk.get(path).getBytes(StandardCharsets.UTF_8))
              : new SourceFiles.Missing());
  private int rendered;

  @Test
  void what_has_not_changed_is_not_rendered_again() {
    var first = made("a");

    assertThat(made("a")).isSameAs(first);
    assertThat(rendered).isEqualTo(1);
  }

  /// As the engine does from one question to the next.
  @Test
  void networks_in_another_order_are_no_change() {
    var one = range("10.1.0.0/16", "one");
    var two = range("10.2.0.0/16", "two");
    made("a", new NodeRanges(List.of(), List.of(one, two)));
    made("a", new NodeRanges(List.of(), List.of(two, one)));

    assertThat(rendered).isEqualTo(1);
  }

  private static NodeRanges.EngineRange range(String range, String network) {
    return new NodeRanges.EngineRange(Cidr.parse(range).orElseThrow(), network, Optional.empty());
  }

  @Test
  void a_secret_with_another_value_is_rendered() {
    made("a");
    made("b");

    assertThat(rendered).isEqualTo(2);
  }

  @Test
  void a_file_with_another_content_is_rendered() {
    made("a");
    disk.put("/t/spinnaker.yml", "services: {a: {}}");
    made("a");

    assertThat(rendered).isEqualTo(2);
  }

  @Test
  void a_file_that_was_looked_for_in_vain_and_is_there_now_is_rendered() {
    made("a");
    disk.put("/site/env", "A=1");
    made("a");
    made("a");

    assertThat(rendered).isEqualTo(2);
  }

  private Made made(String password) {
    return made(password, NodeRanges.NONE);
  }

  private Made made(String password, NodeRanges ranges) {
    return rendering.of(
        request(password, ranges),
        files -> {
          rendered++;
          files.read("/t/spinnaker.yml", 1024);
          files.read("/site/env", 1024);
          return new Sources.Refused(List.of());
        });
  }

  private static RenderRequest request(String password, NodeRanges ranges) {
    var identity =
        new NodeIdentity(
            new Fact("default", "default"),
            Optional.of(new Fact("one", "tag")),
            new Fact("/p", "default"),
            Map.of(),
            Map.of(),
            List.of());
    var secret = new Parameter("REDIS_PASSWORD", new Hidden(new Secret(password)), "ssm");
    return new RenderRequest(
        identity,
        new Parameters(Map.of(secret.name(), secret), Map.of(), Map.of()),
        new TemplateFiles("/t/spinnaker.yml", Map.of(), Map.of(), List.of(), Map.of()),
        new RenderRequest.Node(
            "spinnaker",
            "/lib/rendered",
            "/run/secrets",
            1,
            Set.of(),
            RenderRequest.Polling.BY_ROLE,
            "key",
            false),
        ranges,
        EngineAbilities.UNKNOWN);
  }
}
