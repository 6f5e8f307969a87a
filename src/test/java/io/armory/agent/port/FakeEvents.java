package io.armory.agent.port;

import io.armory.agent.port.ContainerEngine.EngineEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// Tells the watchers, on the thread that caused the event.
final class FakeEvents {
  private record Watcher(String project, Consumer<EngineEvent> listener) {}

  private final List<Watcher> watchers = new CopyOnWriteArrayList<>();

  private volatile Runnable also = () -> {};

  /// Told of every event, of whatever project.
  void alsoTell(Runnable task) {
    also = task;
  }

  AutoCloseable subscribe(String project, Consumer<EngineEvent> listener) {
    var watcher = new Watcher(project, listener);
    watchers.add(watcher);
    listener.accept(new EngineEvent("connected", "", "", ""));
    return () -> watchers.remove(watcher);
  }

  void emit(String action, FakeContainer container, String signal) {
    also.run();
    for (var watcher : watchers) {
      if (container.of(watcher.project)) {
        watcher.listener.accept(new EngineEvent(action, container.service(), container.id, signal));
      }
    }
  }

  void stream(String action) {
    also.run();
    watchers.forEach(w -> w.listener.accept(new EngineEvent(action, "", "", "")));
  }
}
