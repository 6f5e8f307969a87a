package io.armory.agent.adapter.http;

import io.armory.agent.domain.LogLine;
import io.armory.agent.port.Control;
import io.armory.agent.view.Answers;
import io.armory.agent.view.Lists;
import io.vertx.core.Context;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Lines of logs as they are written, until the client goes away. No more is kept for a client that
/// reads slowly than a bound and what each reading thread had at hand when that was reached.
final class LogStream implements Control.LogReader {
  /// Characters.
  private static final int ROOM = 64 * 1024;

  private final Context loop;
  private final ControlRequest asked;
  private final boolean named;
  private final boolean json;
  private final boolean stamped;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private StringBuilder waiting = new StringBuilder();
  private int underWay;
  private boolean begun;
  private boolean gone;

  /// @param loop the connection's own
  /// @param named every line with its service
  LogStream(Context loop, ControlRequest asked, boolean named) {
    this.loop = loop;
    this.asked = asked;
    this.named = named;
    this.json = asked.json();
    this.stamped = asked.flag("timestamps");
  }

  /// On the connection's event loop.
  void begin(Control.Following following) {
    asked.stream(json ? "application/x-ndjson" : "text/plain");
    asked.whenGone(() -> {
      following.close();
      leave();
    });
    // The client is to know that it was not refused.
    asked.piece("");
    lock.lock();
    try {
      begun = true;
    } finally {
      lock.unlock();
    }
    write();
  }

  @Override
  public void take(String service, List<LogLine> lines) {
    var text = new StringBuilder();
    for (var line : lines) {
      text.append(
              json ? Answers.log(service, line, stamped) : Lists.log(service, named, line, stamped))
          .append('\n');
    }
    lock.lock();
    try {
      if (gone) {
        return;
      }
      if (waiting.isEmpty() && begun) {
        loop.runOnContext(_ -> write());
      }
      waiting.append(text);
    } finally {
      lock.unlock();
    }
  }

  /// On the connection's event loop: all there is in one piece.
  private void write() {
    var text = "";
    lock.lock();
    try {
      if (gone) {
        return;
      }
      text = waiting.toString();
      waiting = new StringBuilder();
      underWay += text.length();
    } finally {
      lock.unlock();
    }
    var length = text.length();
    asked.write(text).onComplete(_ -> written(length));
  }

  private void written(int length) {
    lock.lock();
    try {
      underWay -= length;
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      gone = true;
      waiting = new StringBuilder();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void awaitRoom() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!gone && waiting.length() + underWay >= ROOM) {
        room.await();
      }
    } finally {
      lock.unlock();
    }
  }
}
