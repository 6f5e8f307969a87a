package io.armory.agent.adapter.aws;

import io.armory.agent.adapter.aws.InstanceMetadata.Answer;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Lifecycle.Notices;
import io.armory.agent.port.Lifecycle.SpotNotice;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;

/// What EC2 announces in IMDS: the group's target state for the instance, Spot's notice, the
/// rebalance recommendation, its calendar. Small questions; an item that is not there is HTTP 404.
final class Announcements implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Pattern ACTION = Pattern.compile("\"action\"\\s*:\\s*\"([^\"]+)\"");
  private static final Pattern TIME = Pattern.compile("\"time\"\\s*:\\s*\"([^\"]+)\"");
  private static final Pattern NOTICE_TIME = Pattern.compile("\"noticeTime\"\\s*:\\s*\"([^\"]+)\"");

  private final InstanceMetadata metadata;
  private final ScheduledEvents calendar;

  Announcements(AwsOptions options) {
    // Asked every few seconds: the next question is the retry.
    this.metadata = new InstanceMetadata(options.withMetadataPatience(PATIENCE));
    this.calendar = new ScheduledEvents(metadata);
  }

  Outcome<Notices> read() {
    var target = metadata.get("autoscaling/target-lifecycle-state");
    if (target instanceof Answer.Unknown(var failure)) {
      return Outcome.failed(failure);
    }
    var spot = metadata.get("spot/instance-action");
    if (spot instanceof Answer.Unknown(var failure)) {
      return Outcome.failed(failure);
    }
    var rebalance = metadata.get("events/recommendations/rebalance");
    if (rebalance instanceof Answer.Unknown(var failure)) {
      return Outcome.failed(failure);
    }
    try {
      return Outcome.done(
          new Notices(
              text(target).map(String::strip),
              text(spot).map(Announcements::spotNotice),
              text(rebalance).map(body -> time(NOTICE_TIME, body)),
              calendar.get()));
    } catch (DateTimeParseException e) {
      return Outcome.failed(
          Kind.INVALID, "IMDS: a notice with no time in it: " + e.getParsedString());
    }
  }

  private static Optional<String> text(Answer answer) {
    return answer instanceof Answer.Found(var value) ? Optional.of(value) : Optional.empty();
  }

  private static SpotNotice spotNotice(String body) {
    var action = ACTION.matcher(body);
    return new SpotNotice(action.find() ? action.group(1) : "terminate", time(TIME, body));
  }

  private static Instant time(Pattern field, String body) {
    var found = field.matcher(body);
    return Instant.parse(found.find() ? found.group(1) : AwsFailures.oneLine(body));
  }

  @Override
  public void close() {
    metadata.close();
  }
}
