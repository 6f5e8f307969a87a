package io.armory.agent.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.compose.ComposeResult.Loaded;
import io.armory.agent.compose.ComposeResult.Rejected;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.stack.Service;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Loads texts in tests: the project `p` in `/p`, from `compose.yaml`.
public final class Loading {
  public static final String FILE = "/p/compose.yaml";

  private Loading() {}

  public static ComposeResult load(String yaml) {
    return load(Map.of(FILE, yaml), Map.of());
  }

  public static ComposeResult load(Map<String, String> files, Map<String, String> environment) {
    ComposeRequest request =
        ComposeRequest.of("/p", List.of("compose.yaml")).withEnvironment(environment);
    return ComposeLoader.load(request, MemoryFiles.of(files));
  }

  public static Loaded loaded(String yaml) {
    return loaded(load(yaml));
  }

  public static Loaded loaded(ComposeResult result) {
    assertThat(result)
        .as(() -> result instanceof Rejected r ? String.join("\n", texts(r)) : "")
        .isInstanceOf(Loaded.class);
    return (Loaded) result;
  }

  public static Service service(String yaml) {
    return service(loaded(yaml), "a");
  }

  public static Service service(Loaded loaded, String name) {
    return Objects.requireNonNull(loaded.stack().services().get(name), name);
  }

  public static List<String> problems(String yaml) {
    return problems(load(yaml));
  }

  public static List<String> problems(ComposeResult result) {
    assertThat(result).isInstanceOf(Rejected.class);
    return texts((Rejected) result);
  }

  private static List<String> texts(Rejected rejected) {
    return rejected.problems().stream().map(Problem::line).toList();
  }
}
