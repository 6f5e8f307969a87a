package io.armory.agent.adapter.aws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.adapter.aws.InstanceMetadata.Answer;
import io.armory.agent.domain.ScheduledEvent;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// EC2's calendar as IMDS shows it. It is days ahead, so it is read once a minute; while it cannot
/// be read, or something else answers, what was known holds, and the notices beside it count.
final class ScheduledEvents {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.lifecycle");
  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final String ITEM = "events/maintenance/scheduled";

  /// `21 Jan 2019 09:00:43 GMT`.
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("d MMM uuuu HH:mm:ss z", Locale.ENGLISH);

  private final ObjectMapper json = new ObjectMapper();
  private final InstanceMetadata metadata;
  private List<ScheduledEvent> known = List.of();
  private long readAt;
  private boolean read;

  ScheduledEvents(InstanceMetadata metadata) {
    this.metadata = metadata;
  }

  /// Those that are yet to come or under way.
  List<ScheduledEvent> get() {
    if (!read || System.nanoTime() - readAt > EVERY.toNanos()) {
      switch (metadata.get(ITEM)) {
        case Answer.Found(var body) -> parsed(body).ifPresent(events -> known = events);
        case Answer.Absent() -> known = List.of();
        case Answer.Unknown(var failure) ->
            LOG.debug("EC2's calendar cannot be read: {}", failure.message());
      }
      readAt = System.nanoTime();
      read = true;
    }
    return known;
  }

  /// Empty: that is no calendar.
  private Optional<List<ScheduledEvent>> parsed(String body) {
    try {
      var tree = json.readTree(body);
      if (!tree.isArray()) {
        return Optional.empty();
      }
      var events = new ArrayList<ScheduledEvent>();
      for (var entry : tree) {
        if (entry.path("State").asText().equals("active")) {
          event(entry).ifPresent(events::add);
        }
      }
      return Optional.of(List.copyOf(events));
    } catch (JsonProcessingException e) {
      LOG.debug("EC2's calendar is no JSON", e);
      return Optional.empty();
    }
  }

  /// One without a time is left out: nothing can be done ahead of it.
  private static Optional<ScheduledEvent> event(JsonNode entry) {
    try {
      var id = entry.path("EventId").asText();
      return Optional.of(
          new ScheduledEvent(
              AwsFailures.oneLine(id.isEmpty() ? "no ID" : id),
              AwsFailures.oneLine(entry.path("Code").asText()),
              AwsFailures.oneLine(entry.path("Description").asText()),
              time(entry.path("NotBefore").asText()),
              entry.path("NotAfter").asText().isEmpty()
                  ? Optional.empty()
                  : Optional.of(time(entry.path("NotAfter").asText()))));
    } catch (DateTimeException e) {
      LOG.warn("an event of EC2's calendar has no time that can be read: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private static Instant time(String text) {
    return TIME.parse(text.strip(), Instant::from);
  }
}
