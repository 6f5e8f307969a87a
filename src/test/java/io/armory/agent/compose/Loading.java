package io.armory.agent.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.compose.ComposeResult.Loaded;
import io.armory.agent.compose.ComposeResult.Rejected;
import io.armory.agent.domain.Service;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Loads texts in tests: the project `p` in `/p`, from `compose.yaml`.
final class Loading {
  static final String FILE = "/p/compose.yaml";

  private Loading() {}

  static ComposeResult load(String yaml) {
    return load(Map.of(FILE, yaml), Map.of());
  }

  static ComposeResult load(Map<String, String> files, Map<String, String> environment) {
    ComposeRequest request =
        ComposeRequest.of("/p", List.of("compose.yaml")).withEnvironment(environment);
    return ComposeLoader.load(request, MemoryFiles.of(files));
  }

  static Loaded loaded(String yaml) {
    return loaded(load(yaml));
  }

  static Loaded loaded(ComposeResult result) {
    assertThat(result)
        .as(() -> result instanceof Rejected r ? String.join("\n", texts(r)) : "")
        .isInstanceOf(Loaded.class);
    return (Loaded) result;
  }

  static Service service(String yaml) {
    return service(loaded(yaml), "a");
  }

  static Service service(Loaded loaded, String name) {
    return Objects.requireNonNull(loaded.stack().services().get(name), name);
  }

  static List<String> problems(String yaml) {
    return problems(load(yaml));
  }

  static List<String> problems(ComposeResult result) {
    assertThat(result).isInstanceOf(Rejected.class);
    return texts((Rejected) result);
  }

  private static List<String> texts(Rejected rejected) {
    return rejected.problems().stream().map(Problem::text).toList();
  }
}
