package io.armory.agent.adapter.aws;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/// How far the node's clock is from AWS's, by the `Date` of its answers (whole seconds).
final class ServerClock implements ExecutionInterceptor {
  private final InstantSource clock;
  private volatile @Nullable Duration behind;

  ServerClock(InstantSource clock) {
    this.clock = clock;
  }

  /// Positive: the node's clock is late. Empty: AWS has not answered yet.
  Optional<Duration> behind() {
    return Optional.ofNullable(behind);
  }

  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
    context.httpResponse().firstMatchingHeader("Date").ifPresent(this::heard);
  }

  private void heard(String date) {
    try {
      var theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      var ours = Instant.ofEpochSecond(clock.instant().getEpochSecond());
      behind = Duration.between(ours, theirs);
    } catch (DateTimeException e) {
      // No date that can be read tells nothing.
    }
  }
}
