package io.armory.agent.reconcile.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.reconcile.intent.CommandProgress;
import io.armory.agent.testing.Reports;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What somebody who waits is told of services.
class CommandProgressTest {
  private final List<String> said = new ArrayList<>();
  private final CommandProgress progress = new CommandProgress(said::add, Reports.NOW);

  private void tell(ServiceReport... services) {
    var report = Reports.ready(Reports.NOW).with(List.of(services));
    var names = Stream.of(services).map(ServiceReport::name).collect(Collectors.toSet());
    progress.tell(report, names, "services up", ServiceReport::isUp);
  }

  private static ServiceReport service(String name, ServiceReport.State state, String doing) {
    return new ServiceReport(
        name,
        state,
        "",
        Reports.NOW,
        0,
        Optional.empty(),
        doing,
        false,
        "i",
        List.of(),
        List.of(),
        Optional.empty());
  }

  @Test
  void a_pull_for_what_serves_is_told() {
    tell(
        service("deck", ServiceReport.State.UP, "pulling deck:2: 1 of 7 layers, 43 %"),
        service("gate", ServiceReport.State.UP, ""));
    assertThat(said).containsExactly("2 of 2 services up, 0 s: deck pulling deck:2: 40 %");
  }

  @Test
  void of_many_that_do_alike_some_are_named() {
    for (var names : List.of("abcde", "abcd")) {
      tell(
          names
              .chars()
              .mapToObj(n -> service(String.valueOf((char) n), ServiceReport.State.STARTING, ""))
              .toArray(ServiceReport[]::new));
    }
    assertThat(said)
        .containsExactly(
            "0 of 5 services up, 0 s: a, b, c and 2 more starting",
            "0 of 4 services up, 0 s: a, b, c, d starting");
  }
}
