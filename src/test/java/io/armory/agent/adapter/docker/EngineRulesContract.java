package io.armory.agent.adapter.docker;

import io.armory.agent.compose.ComposeResult.Loaded;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.port.RegistryCredentials;
import io.armory.agent.render.engine.EngineCases;
import io.armory.agent.render.engine.EngineCases.Kind;
import io.armory.agent.render.engine.EngineCases.Row;
import io.armory.agent.render.engine.EngineRules;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the rules say engines refuse, they refuse, and they take what stands beside it.
abstract class EngineRulesContract {
  @RegisterExtension final RealEngine real;
  @AutoClose private final DockerEngine engine;
  private int count;

  EngineRulesContract(Path socket) {
    real = new RealEngine(socket);
    engine = DockerEngine.open(socket, RegistryCredentials.ANONYMOUS, Path.of("/dev/null"));
  }

  @Test
  void what_every_engine_refuses_is_refused_and_nothing_beside_it() {
    holds(row -> row.kind() == Kind.REFUSED);
  }

  @Test
  void what_depends_on_the_engine_is_as_the_rules_say() {
    holds(row -> row.kind() != Kind.REFUSED);
  }

  private void holds(Predicate<Row> which) {
    var abilities = done(engine.abilities());
    var base = base();
    var wrong = new SoftAssertions();
    for (var row : EngineCases.ROWS.stream().filter(which).toList()) {
      if (EngineCases.load(RealEngine.IMAGE, row.bad(), base, name()) instanceof Loaded loaded) {
        var faults = EngineRules.faults(loaded.stack(), abilities);
        wrong.assertThat(faults).as("faults of " + row.bad()).isNotEmpty();
        var answer = run(loaded.stack());
        if (row.kind() == Kind.OURS) {
          wrong.assertThat(answer).as(row.bad() + " is taken").isEmpty();
        } else if (row.kind() != Kind.SOME && faults.stream().anyMatch(f -> f.isCertain())) {
          wrong.assertThat(answer).as(row.bad() + " is refused").isPresent();
        }
      }
      var good = (Loaded) EngineCases.load(RealEngine.IMAGE, row.good(), base, name());
      wrong.assertThat(EngineRules.faults(good.stack(), abilities)).as(row.good()).isEmpty();
      wrong.assertThat(run(good.stack())).as(row.good() + " is taken").isEmpty();
    }
    wrong.assertAll();
  }

  private String name() {
    return real.project() + "-n" + count++;
  }

  /// Why it was refused.
  private Optional<String> run(Stack loaded) {
    var service = Objects.requireNonNull(loaded.services().get("a"));
    var stack =
        new Stack(real.project(), Map.of("a", service), Map.of(), Map.of(), "/", List.of("/c.yml"));
    var own = service.container().containerName();
    var name = own == null ? name() : own;
    var id = imageId();
    var made =
        engine.execute(
            new Action.CreateContainer(stack, service, 1, name, id, Map.of(), Optional.empty()),
            line -> {});
    var why = made.whyFailed().map(f -> f.message());
    if (made instanceof Outcome.Done<String>(var container)) {
      why =
          engine
              .execute(new Action.StartContainer("a", name, container), line -> {})
              .whyFailed()
              .map(f -> f.message());
      real.delete("/containers/" + container + "?force=1&v=1");
    }
    return why;
  }

  private String imageId() {
    return real.get("/images/" + RealEngine.IMAGE + "/json").path("Id").asText();
  }

  /// A container whose network others join.
  private String base() {
    var stack = SampleStack.of(real.project()).service("base", RealEngine.IMAGE, s -> {}).build();
    var service = Objects.requireNonNull(stack.services().get("base"));
    var name = real.project() + "-base-1";
    var create =
        new Action.CreateContainer(stack, service, 1, name, imageId(), Map.of(), Optional.empty());
    var id = done(engine.execute(create, line -> {}));
    done(engine.execute(new Action.StartContainer("base", name, id), line -> {}));
    return name;
  }

  private static <T> T done(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T>(var value) -> value;
      case Outcome.Failed<T>(var failure) -> throw new AssertionError(failure);
    };
  }
}
