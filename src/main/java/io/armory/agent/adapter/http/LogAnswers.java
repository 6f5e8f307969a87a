package io.armory.agent.adapter.http;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Control;
import io.armory.agent.view.Answers;
import io.armory.agent.view.Lists;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What services wrote: the last lines, or these and those to come.
record LogAnswers(Vertx vertx, Control control) {

  void answer(ControlRequest asked) {
    var named = asked.names("service");
    var service = named.isEmpty() ? "" : named.getFirst();
    var since = asked.instant("since", Instant.EPOCH);
    if (asked.flag("failed")) {
      failed(asked, service);
      return;
    }
    if (asked.flag("follow")) {
      follow(asked, named, service, since);
      return;
    }
    var until = asked.instant("until", Instant.MAX);
    var lines =
        asked.number("lines", since(since, service.isEmpty() ? 10 : 100, ControlRequest.MAX_LINES));
    var services =
        named.isEmpty() ? control.report().services().stream().map(s -> s.name()).toList() : named;
    var _ =
        Futures.inOrder(services, s -> control.logs(s, new LogRange(lines, since, until)))
            .whenComplete((all, error) ->
                asked.later(
                    vertx,
                    () -> {
                      if (error != null) {
                        asked.fail(500, String.valueOf(error.getMessage()));
                      } else {
                        list(asked, all, service.isEmpty());
                      }
                    }));
  }

  /// What is kept of containers that are gone. That there is nothing is no failure, unless it was
  /// asked for by name.
  private void failed(ControlRequest asked, String service) {
    var failures = control.failures(service);
    if (failures.isEmpty() && !service.isEmpty()) {
      asked.fail(
          new Failure(
              Failure.Kind.NOT_FOUND,
              "no revision has failed by %s, as far as is kept; its log: armory-agent logs %s"
                  .formatted(service, service)));
      return;
    }
    asked.answer(
        asked.json()
            ? Answers.failures(failures) + "\n"
            : ControlServer.end(asked, Lists.failures(failures)));
  }

  /// Who names a time wants all lines since then.
  private static int since(Instant since, int usual, int all) {
    return since.equals(Instant.EPOCH) ? usual : all;
  }

  private static void list(
      ControlRequest asked, Map<String, Outcome<List<LogLine>>> all, boolean everything) {
    var found = new LinkedHashMap<String, List<String>>();
    for (var entry : all.entrySet()) {
      switch (entry.getValue()) {
        case Outcome.Done<List<LogLine>>(var lines) ->
            found.put(entry.getKey(), texts(lines, asked.flag("timestamps")));
        case Outcome.Failed<List<LogLine>>(var failure) when everything ->
            found.put(entry.getKey(), List.of("(" + failure.message() + ")"));
        case Outcome.Failed<List<LogLine>>(var failure) -> {
          asked.fail(failure);
          return;
        }
      }
    }
    asked.answer(
        asked.json()
            ? Answers.logs(found) + "\n"
            : ControlServer.cut(asked, Lists.logs(found), "ask for one service, or fewer lines"));
  }

  private static List<String> texts(List<LogLine> lines, boolean stamped) {
    return lines.stream()
        .map(l -> stamped ? Lists.stamp(l.at()) + " " + l.text() : l.text())
        .toList();
  }

  private void follow(ControlRequest asked, List<String> named, String service, Instant since) {
    if (named.size() > 1) {
      asked.fail(400, "one service can be followed, or all");
      return;
    }
    var lines = asked.number("lines", since(since, service.isEmpty() ? 10 : 100, LogRange.ALL));
    var loop = vertx.getOrCreateContext();
    var stream = new LogStream(loop, asked, service.isEmpty());
    var _ =
        control
            .follow(service, new LogRange(lines, since), stream)
            .thenAccept(outcome -> loop.runOnContext(_ -> begin(asked, stream, outcome)));
  }

  private static void begin(
      ControlRequest asked, LogStream stream, Outcome<Control.Following> outcome) {
    switch (outcome) {
      case Outcome.Failed<Control.Following>(var failure) -> asked.fail(failure);
      case Outcome.Done<Control.Following>(var following) when asked.isGone() -> following.close();
      case Outcome.Done<Control.Following>(var following) -> stream.begin(following);
    }
  }
}
