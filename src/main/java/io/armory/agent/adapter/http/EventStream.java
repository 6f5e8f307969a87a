package io.armory.agent.adapter.http;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.port.Control;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/// Events as they happen, until the client goes away.
final class EventStream {
  private static final long LOOK_MILLIS = 500;
  private static final int MOST = 1000;

  private final Vertx vertx;
  private final Control control;
  private final ControlRequest asked;
  private Instant last;
  private Set<AgentEvent> told = new HashSet<>();

  EventStream(Vertx vertx, Control control, ControlRequest asked, Instant since) {
    this.vertx = vertx;
    this.control = control;
    this.asked = asked;
    this.last = since;
  }

  void start() {
    asked.stream(asked.json() ? "application/x-ndjson" : "text/plain");
    look();
    vertx.setPeriodic(
        LOOK_MILLIS,
        timer -> {
          if (!look()) {
            vertx.cancelTimer(timer);
          }
        });
  }

  /// Several events can carry one instant: those of the last one told are remembered.
  private boolean look() {
    if (asked.isFull()) {
      return !asked.isGone();
    }
    var atLast = new HashSet<AgentEvent>();
    var text = new StringBuilder();
    for (var event : control.events(last, MOST)) {
      if (event.at().isBefore(last)) {
        continue;
      }
      if (!told.contains(event)) {
        text.append(ControlServer.line(event, asked));
      }
      if (event.at().isAfter(last)) {
        last = event.at();
        atLast.clear();
      }
      atLast.add(event);
    }
    if (!atLast.isEmpty()) {
      told = atLast;
    }
    return asked.piece(text.toString());
  }
}
