package io.armory.agent.port;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.ContainerEngine.LogSink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/// What the fake's containers wrote. Guarded by the engine's lock.
final class FakeLogs {
  private final Object lock;
  private final Map<String, List<LogLine>> written = new HashMap<>();
  private final List<Semaphore> followers = new ArrayList<>();
  private final Threads threads;

  FakeLogs(Object lock, Threads threads) {
    this.lock = lock;
    this.threads = threads;
  }

  void write(String id, LogLine line) {
    synchronized (lock) {
      written.computeIfAbsent(id, _ -> new ArrayList<>()).add(line);
      changed();
    }
  }

  void forget(String id) {
    synchronized (lock) {
      written.remove(id);
    }
  }

  /// Something about a container, or the engine, has changed.
  void changed() {
    synchronized (lock) {
      followers.forEach(Semaphore::release);
    }
  }

  int followers() {
    synchronized (lock) {
      return followers.size();
    }
  }

  List<LogLine> read(String id, LogRange range) {
    synchronized (lock) {
      var all = written.getOrDefault(id, List.of());
      var within = all.stream().filter(l -> range.isOpen() || range.has(l.at())).toList();
      return within.subList(Math.max(0, within.size() - range.lines()), within.size()).stream()
          .filter(l -> range.has(l.at()))
          .toList();
    }
  }

  /// @param end how it ends; empty: it goes on
  Outcome<String> follow(
      String id, LogRange range, Supplier<Optional<Outcome<String>>> end, LogSink sink) {
    var news = threads.semaphore(0);
    synchronized (lock) {
      followers.add(news);
    }
    try {
      List<LogLine> fresh;
      int next;
      synchronized (lock) {
        fresh = read(id, range);
        next = written.getOrDefault(id, List.of()).size();
      }
      while (true) {
        if (!fresh.isEmpty()) {
          sink.take(fresh);
          sink.awaitRoom();
        }
        synchronized (lock) {
          var over = end.get();
          if (next == count(id) && over.isPresent()) {
            return over.get();
          }
          fresh = List.copyOf(written.getOrDefault(id, List.of()).subList(next, count(id)));
          next = count(id);
        }
        if (fresh.isEmpty()) {
          news.acquire();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Outcome.failed(Failure.Kind.UNREACHABLE, "interrupted");
    } finally {
      synchronized (lock) {
        followers.remove(news);
      }
    }
  }

  private int count(String id) {
    return written.getOrDefault(id, List.of()).size();
  }
}
