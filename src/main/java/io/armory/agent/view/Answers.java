package io.armory.agent.view;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// The smaller JSON answers. Their field names are public interface, too.
public final class Answers {
  private static final int TIMELINE = 20;

  private Answers() {}

  /// `GET /health/live` and `/health/ready`.
  ///
  /// @param at when the snapshot was made that it tells
  public static String verdict(String name, HealthReport.Verdict verdict, Instant at) {
    return Json.object(json ->
        json.field(name, verdict.holds())
            .field("reason", verdict.reason())
            .field("since", verdict.since())
            .field("at", at));
  }

  /// Lighthouse's body, as its load balancers and operators know it: one boolean a system, the host
  /// last.
  public static String healthcheck(HealthReport report, boolean healthy) {
    return Json.object(json ->
        json.field("healthy", healthy)
            .object(
                "systems",
                systems -> {
                  for (var service : report.services()) {
                    if (!service.name().equals("host")
                        && service.state() != ServiceReport.State.STANDBY) {
                      systems.field(service.name(), serves(service));
                    }
                  }
                  systems.object(
                      "host", host -> host.field("diskUsage", report.host().diskUsagePercent()));
                }));
  }

  /// A degraded service still serves.
  private static boolean serves(ServiceReport service) {
    return service.isUp() || service.state() == ServiceReport.State.DEGRADED;
  }

  public static String plan(HealthReport report) {
    return Json.object(json -> {
      ReportJson.plan(json, report.plan());
      report
          .revision()
          .flatMap(HealthReport.RevisionReport::awaits)
          .ifPresent(a ->
              json.object("awaits", j -> ReportJson.awaits(j, a, ReportJson.Audience.OPERATOR)));
    });
  }

  public static String parameters(Parameters parameters) {
    return Json.object(json ->
        json.objects("variables", parameters.variables().values(), Answers::parameter)
            .objects("files", parameters.files().values(), Answers::file)
            .objects("settings", parameters.settings().values(), Answers::parameter)
            .objects("problems", parameters.problems(), Answers::problem));
  }

  static void problem(Json json, Problem problem) {
    json.field("where", problem.where())
        .field("what", problem.what())
        .field("todo", problem.todo());
  }

  private static void parameter(Json json, Parameters.Parameter parameter) {
    json.field("name", parameter.name())
        .field("value", parameter.value().shown())
        .field("secret", parameter.value() instanceof Parameters.Hidden)
        .field("origin", parameter.origin());
  }

  /// A file's content is not shown: it is long, and people put passwords in it.
  private static void file(Json json, Parameters.Parameter parameter) {
    json.field("name", parameter.name())
        .field("secret", parameter.value() instanceof Parameters.Hidden)
        .field("origin", parameter.origin());
  }

  /// One event, one line.
  public static String event(AgentEvent event) {
    return Json.object(json -> event(json, event));
  }

  public static String events(List<AgentEvent> events) {
    return Json.array(events, Answers::event);
  }

  /// As everybody may read it: what, without the reason, which may quote what a service wrote. The
  /// single steps say nothing to who does not know the plan.
  public static String timeline(List<AgentEvent> events) {
    var told = events.stream().filter(e -> !e.kind().equals("action")).toList();
    var last = told.subList(Math.max(0, told.size() - TIMELINE), told.size());
    return Json.array(last, Answers::outline);
  }

  private static void outline(Json json, AgentEvent event) {
    json.field("at", event.at())
        .field("kind", event.kind())
        .field("subject", event.subject())
        .field("what", event.what());
  }

  private static void event(Json json, AgentEvent event) {
    outline(json, event);
    json.field("why", event.why());
    var took = event.took();
    if (took != null) {
      json.field("tookMillis", took.toMillis());
    }
  }

  /// @param logs service → its last lines
  public static String logs(Map<String, List<String>> logs) {
    return Json.object(json -> logs.forEach(json::strings));
  }

  /// What is kept of failed containers, the newest last.
  public static String failures(List<Evidence> failures) {
    return Json.array(
        failures,
        (json, e) ->
            json.field("at", e.at())
                .field("service", e.service())
                .field("revision", e.revision())
                .field("why", e.why())
                .field("container", e.container())
                .field("name", e.name())
                .field("imageBefore", e.before().isEmpty() ? null : e.before())
                .field("image", e.image())
                .field("end", e.end())
                .field("health", e.health())
                .strings("lines", e.lines()));
  }

  /// One line of a log that is followed.
  public static String log(String service, LogLine line, boolean stamped) {
    return Json.object(json -> {
      json.field("service", service);
      if (stamped) {
        json.field("at", Lists.stamp(line.at()));
      }
      json.field("line", line.text());
    });
  }
}
