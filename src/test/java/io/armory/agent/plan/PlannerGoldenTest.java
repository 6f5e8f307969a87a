package io.armory.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Each directory under `src/test/resources/plan` is a rule: `situation.txt`, in the language of
/// [SituationText], must give `plan.txt`. With `-Dgolden.update=true` the plans are written anew,
/// to be read before they are kept.
class PlannerGoldenTest {
  private static final Path CASES = Path.of("src/test/resources/plan");

  @TestFactory
  Stream<DynamicTest> the_plan_is_as_written() throws IOException {
    List<Path> cases;
    try (var list = Files.list(CASES)) {
      cases = list.sorted().toList();
    }
    assertThat(cases).hasSizeGreaterThan(60);
    return cases.stream()
        .map(c -> DynamicTest.dynamicTest(c.getFileName().toString(), () -> check(c)));
  }

  private static void check(Path directory) throws IOException {
    var situation = SituationText.read(Files.readString(directory.resolve("situation.txt")));
    var plan = PlanText.write(Planner.plan(situation));
    var golden = directory.resolve("plan.txt");
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, plan);
    }
    assertThat(plan).isEqualTo(Files.readString(golden));
  }
}
