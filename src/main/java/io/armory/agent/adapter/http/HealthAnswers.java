package io.armory.agent.adapter.http;

import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.view.Answers;
import io.armory.agent.view.Freshness;
import io.armory.agent.view.ReportJson;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The health port's answers. Each is put into bytes once for every report, however often it is
/// asked for.
final class HealthAnswers {
  private static final String JSON = "application/json";

  private final Supplier<HealthReport> reports;
  private final UnaryOperator<HealthReport> measured;
  private final InstantSource clock;
  private final ReportJson.Audience audience;
  private volatile @Nullable OfReport last;

  HealthAnswers(
      Supplier<HealthReport> reports,
      UnaryOperator<HealthReport> measured,
      InstantSource clock,
      ReportJson.Audience audience) {
    this.reports = reports;
    this.measured = measured;
    this.clock = clock;
    this.audience = audience;
  }

  /// One answer, ready to be sent any number of times.
  record Answer(int status, String type, Buffer body, String length) {
    static Answer of(int status, String type, String text) {
      var body = Buffer.buffer(text);
      return new Answer(status, type, body, Integer.toString(body.length()));
    }
  }

  // Identity is meant: equal reports are made anew every other second, and comparing costs more.
  @SuppressWarnings("ReferenceEquality")
  OfReport current() {
    var report = reports.get();
    var stuck = Freshness.isStuck(report, clock.instant());
    var known = last;
    if (known != null && known.source == report && known.stuck == stuck) {
      return known;
    }
    var fresh = new OfReport(report, stuck, Freshness.judged(report, clock.instant()));
    last = fresh;
    return fresh;
  }

  /// All answers of one report. Two threads may make the same answer at once; either will do.
  final class OfReport {
    private final HealthReport source;
    private final boolean stuck;
    private final HealthReport judged;
    private @Nullable Answer live;
    private @Nullable Answer ready;
    private @Nullable Answer healthcheck;
    private @Nullable Answer health;
    private @Nullable Answer metrics;

    OfReport(HealthReport source, boolean stuck, HealthReport judged) {
      this.source = source;
      this.stuck = stuck;
      this.judged = judged;
    }

    Answer live() {
      var known = live;
      if (known == null) {
        live = known = verdict("live", judged.live(), judged.at());
      }
      return known;
    }

    Answer ready() {
      var known = ready;
      if (known == null) {
        ready = known = verdict("ready", judged.ready(), judged.at());
      }
      return known;
    }

    Answer healthcheck() {
      var known = healthcheck;
      if (known == null) {
        var healthy = judged.ready().holds();
        healthcheck =
            known = Answer.of(status(healthy), JSON, Answers.healthcheck(judged, healthy));
      }
      return known;
    }

    /// The report itself is always an answer: it is 200 whatever it says.
    Answer health() {
      var known = health;
      if (known == null) {
        var text = ReportJson.write(measured.apply(judged), audience) + "\n";
        health = known = Answer.of(200, JSON, text);
      }
      return known;
    }

    /// Put into bytes once, too: what is measured between two reports is in the next one's.
    Answer metrics(Function<HealthReport, String> scrape) {
      var known = metrics;
      if (known == null) {
        var text = scrape.apply(measured.apply(judged));
        metrics = known = Answer.of(200, "text/plain; version=0.0.4; charset=utf-8", text);
      }
      return known;
    }

    private static Answer verdict(String name, HealthReport.Verdict verdict, java.time.Instant at) {
      var text = Answers.verdict(name, verdict, at) + "\n";
      return Answer.of(status(verdict.holds()), JSON, text);
    }

    private static int status(boolean good) {
      return good ? 200 : 503;
    }
  }
}
