package io.armory.agent.view;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.Verdict;
import io.armory.agent.domain.report.LifecycleReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.SharedReport.PollerReport;
import io.armory.agent.domain.report.SharedReport.RedisReport;
import io.armory.agent.domain.stack.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The health report as JSON: the body of `GET /health` and of `status --json`. Field names are
/// public interface: they are added to, never renamed or removed. Instants are ISO-8601 in UTC.
public final class ReportJson {
  private ReportJson() {}

  /// Who will read it.
  public enum Audience {
    /// Anybody who reaches the port: no line of a container's log, no tag's value.
    PUBLIC,
    /// Somebody allowed to use the control socket.
    OPERATOR
  }

  public static String write(HealthReport report, Audience audience) {
    return Json.object(json -> body(json, report, audience));
  }

  private static void body(Json json, HealthReport r, Audience audience) {
    var identity = r.node().identity();
    json.field("at", r.at())
        .field("startedAt", r.startedAt())
        .field("agentVersion", r.agentVersion())
        .field("project", r.node().project())
        .field("stack", identity.map(i -> i.stack().value()).orElse(null))
        .field("role", role(r))
        .field("phase", word(r.phase()))
        .field("stale", r.revision().map(HealthReport.RevisionReport::stale).orElse(false));
    json.object("live", v -> verdict(v, r.live()))
        .object("ready", v -> verdict(v, r.ready()))
        .object("replace", v -> verdict(v, r.replace()));
    identity.ifPresent(i -> json.object("identity", v -> identity(v, i, audience)));
    r.revision().ifPresent(v -> json.object("revision", j -> revision(j, v, r.at(), audience)));
    r.engine().ifPresent(v -> json.object("engine", j -> engine(j, v)));
    r.shared().redis().ifPresent(v -> json.object("redis", j -> redis(j, v)));
    r.shared().poller().ifPresent(v -> json.object("poller", j -> poller(j, v)));
    r.shared().group().ifPresent(v -> json.object("group", j -> GroupJson.write(j, v)));
    json.objects("services", r.services(), (j, s) -> service(j, s, audience));
    json.object(
        "host",
        j ->
            j.field("diskUsage", r.host().diskUsagePercent())
                .strings("warnings", r.host().warnings()));
    json.object("plan", j -> plan(j, r.plan()));
    r.maintenance().ifPresent(m -> json.object("maintenance", j -> maintenance(j, m)));
    json.object("lifecycle", j -> lifecycle(j, r.lifecycle()));
    r.backup()
        .ifPresent(b ->
            json.object(
                "backup",
                j ->
                    j.field("every", b.every().toString())
                        .field("last", b.last().orElse(null))
                        .field("to", b.to())
                        .field("failed", b.failed().orElse(null))
                        .field("why", b.why())));
    json.field("undecided", r.undecided());
    json.objects("problems", r.problems(), Answers::problem);
  }

  private static void lifecycle(Json json, LifecycleReport lifecycle) {
    json.field("state", lifecycle.state().orElse(null)).strings("notices", lifecycle.notices());
    lifecycle.drain().ifPresent(d -> json.object("drain", j -> drain(j, d)));
    json.field("hopeless", lifecycle.hopeless().orElse(null));
    json.objects(
        "scheduled",
        lifecycle.scheduled(),
        (j, e) ->
            j.field("id", e.id())
                .field("code", e.code())
                .field("description", e.description())
                .field("notBefore", e.notBefore())
                .field("notAfter", e.notAfter().orElse(null)));
  }

  private static void drain(Json json, Drain drain) {
    json.field("cause", word(drain.cause()))
        .field("why", drain.why())
        .field("step", word(drain.step()))
        .field("doing", drain.doing())
        .field("since", drain.since())
        .field("waitUntil", drain.waitUntil());
    drain.deadline().ifPresent(at -> json.field("stopBy", at));
    json.field("forced", drain.forced());
  }

  static @Nullable String role(HealthReport r) {
    return r.node()
        .identity()
        .flatMap(NodeIdentity::role)
        .map(NodeIdentity.Fact::value)
        .or(() -> r.revision().map(HealthReport.RevisionReport::role))
        .orElse(null);
  }

  /// An enum constant as programs see it: `rolling-out`.
  public static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void verdict(Json json, Verdict verdict) {
    json.field("holds", verdict.holds())
        .field("reason", verdict.reason())
        .field("since", verdict.since());
  }

  private static void identity(Json json, NodeIdentity identity, Audience audience) {
    json.object("stack", f -> fact(f, identity.stack()));
    identity.role().ifPresent(role -> json.object("role", f -> fact(f, role)));
    json.object("parameterPrefix", f -> fact(f, identity.parameterPrefix()));
    json.object(
        "facts",
        facts -> identity.facts().forEach((name, fact) -> facts.object(name, f -> fact(f, fact))));
    if (audience == Audience.OPERATOR) {
      // Tags are free text and may carry parameters.
      json.strings("tags", identity.tags().keySet());
    }
    json.strings("lookedAt", identity.lookedAt().stream().map(NodeIdentity.Look::line).toList());
  }

  private static void fact(Json json, NodeIdentity.Fact fact) {
    json.field("value", fact.value()).field("origin", fact.origin());
  }

  private static void revision(
      Json json, HealthReport.RevisionReport revision, Instant at, Audience audience) {
    json.field("id", revision.id())
        .field("role", revision.role())
        .field("since", revision.since())
        .field("state", revision.state())
        .field("stale", revision.stale());
    var since = revision.staleSince();
    if (since != null) {
      json.field("staleSince", since)
          .field("staleSeconds", Math.max(0, Duration.between(since, at).toSeconds()));
    }
    json.field("rejected", revision.rejected().orElse(null))
        .field("heldUp", revision.heldUp().orElse(null))
        .field("held", revision.held().orElse(null))
        .field("wanted", revision.wanted().isEmpty() ? null : revision.wanted());
    revision.awaits().ifPresent(a -> json.object("awaits", j -> awaits(j, a, audience)));
    if (audience == Audience.OPERATOR) {
      // It names values, which the health port keeps to itself.
      json.field("trigger", revision.trigger()).strings("changes", revision.changes());
    }
  }

  static void awaits(Json json, HealthReport.Awaited awaited, Audience audience) {
    json.field("revision", awaited.revision())
        .field("since", awaited.since())
        .field("why", awaited.why())
        .field("opens", awaited.opens())
        .field("images", awaited.images());
    if (audience == Audience.OPERATOR) {
      json.strings("changes", awaited.changes());
    }
  }

  private static void engine(Json json, HealthReport.EngineReport engine) {
    json.field("reachable", engine.reachable())
        .field("name", engine.name())
        .field("version", engine.version())
        .field("apiVersion", engine.apiVersion())
        .field("since", engine.since())
        .field("problem", engine.problem());
  }

  private static void redis(Json json, RedisReport redis) {
    json.field("address", redis.address())
        .field("state", word(redis.state()))
        .field("reason", redis.reason())
        .field("since", redis.since())
        .field("doing", redis.doing());
    var latency = redis.latency();
    if (latency != null) {
      json.field("latencyMs", latency.toNanos() / 1e6);
    }
    json.field("version", redis.version()).strings("warnings", redis.warnings());
  }

  private static void poller(Json json, PollerReport poller) {
    json.field("here", poller.here())
        .field("holder", poller.holder())
        .field("token", poller.token())
        .field("since", poller.since())
        .field("reason", poller.reason());
  }

  private static void service(Json json, ServiceReport service, Audience audience) {
    json.field("name", service.name())
        .field("state", word(service.state()))
        .field("reason", service.reason())
        .field("since", service.since())
        .field("restarts", service.restarts());
    service.lastFailure().ifPresent(f -> json.object("lastFailure", j -> failure(j, f, audience)));
    json.field("doing", service.doing())
        .field("optional", service.optional())
        .field("image", service.image());
    json.objects(
        "containers",
        service.containers(),
        (j, c) ->
            j.field("id", c.id())
                .field("name", c.name())
                .field("engineState", c.engineState())
                .field("startedAt", c.startedAt()));
    json.numbers("published", service.published());
    service.usage().ifPresent(u -> json.object("usage", j -> usage(j, u)));
  }

  private static void usage(Json json, ServiceReport.Usage usage) {
    json.field("memoryBytes", usage.memory());
    if (usage.memoryLimit() > 0) {
      json.field("memoryLimitBytes", usage.memoryLimit());
    }
    json.field("cpuSeconds", usage.processor().toNanos() / 1e9);
    if (usage.processors() > 0) {
      json.field("cpuLimitPercent", 100 * usage.processors());
    }
    usage.cpu().ifPresent(cpu -> json.field("cpuPercent", 100 * cpu));
  }

  private static void failure(Json json, ServiceReport.LastFailure failure, Audience audience) {
    json.field("at", failure.at()).field("what", failure.what());
    if (audience == Audience.OPERATOR) {
      json.strings("logLines", failure.logLines());
    }
  }

  static void plan(Json json, Plan plan) {
    json.objects(
        "steps",
        plan.steps(),
        (j, s) ->
            j.field("subject", s.action().subject())
                .field("action", s.action().describe())
                .field("cause", s.cause().text()));
    json.objects(
        "waits",
        plan.waits(),
        (j, w) -> j.field("service", w.service()).field("reason", w.reason()));
    json.objects(
        "notices",
        plan.notices(),
        (j, n) -> j.field("subject", n.subject()).field("message", n.message()));
  }

  private static void maintenance(Json json, HealthReport.Maintenance maintenance) {
    json.field("since", maintenance.since())
        .field("until", maintenance.until())
        .field("reason", maintenance.reason())
        .field("owner", maintenance.owner())
        .field("standby", maintenance.standby());
  }
}
