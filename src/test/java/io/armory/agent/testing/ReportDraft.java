package io.armory.agent.testing;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.EngineReport;
import io.armory.agent.domain.report.HealthReport.Host;
import io.armory.agent.domain.report.HealthReport.Maintenance;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.HealthReport.RevisionReport;
import io.armory.agent.domain.report.HealthReport.Verdict;
import io.armory.agent.domain.report.LifecycleReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.SharedReport;
import io.armory.agent.domain.stack.Plan;
import java.util.List;
import java.util.Optional;

/// A report like another one, but for what is said here.
final class ReportDraft {
  private final HealthReport like;
  private Phase phase;
  private Verdict ready;
  private Verdict replace;
  private Optional<RevisionReport> revision;
  private Optional<EngineReport> engine;
  private Host host;
  private Optional<Maintenance> maintenance;
  private LifecycleReport lifecycle;
  private boolean undecided;
  private List<Problem> problems;
  private Plan plan;
  private List<ServiceReport> services;
  private SharedReport shared;

  private ReportDraft(HealthReport like) {
    this.like = like;
    phase = like.phase();
    ready = like.ready();
    replace = like.replace();
    revision = like.revision();
    engine = like.engine();
    host = like.host();
    maintenance = like.maintenance();
    lifecycle = like.lifecycle();
    undecided = like.undecided();
    problems = like.problems();
    plan = like.plan();
    services = like.services();
    shared = like.shared();
  }

  static ReportDraft like(HealthReport report) {
    return new ReportDraft(report);
  }

  ReportDraft phase(Phase value) {
    phase = value;
    return this;
  }

  ReportDraft ready(Verdict value) {
    ready = value;
    return this;
  }

  ReportDraft replace(Verdict value) {
    replace = value;
    return this;
  }

  ReportDraft revision(RevisionReport value) {
    revision = Optional.of(value);
    return this;
  }

  ReportDraft engine(EngineReport value) {
    engine = Optional.of(value);
    return this;
  }

  ReportDraft host(Host value) {
    host = value;
    return this;
  }

  ReportDraft maintenance(Maintenance value) {
    maintenance = Optional.of(value);
    return this;
  }

  ReportDraft lifecycle(LifecycleReport value) {
    lifecycle = value;
    return this;
  }

  ReportDraft plan(Plan value) {
    plan = value;
    return this;
  }

  ReportDraft services(List<ServiceReport> value) {
    services = value;
    return this;
  }

  ReportDraft undecided() {
    undecided = true;
    return this;
  }

  ReportDraft problems(List<Problem> value) {
    problems = value;
    return this;
  }

  ReportDraft shared(SharedReport value) {
    shared = value;
    return this;
  }

  HealthReport made() {
    return new HealthReport(
        like.at(),
        like.startedAt(),
        like.agentVersion(),
        like.node(),
        phase,
        like.live(),
        ready,
        replace,
        revision,
        engine,
        services,
        host,
        plan,
        maintenance,
        lifecycle,
        undecided,
        problems,
        shared,
        Optional.empty());
  }
}
