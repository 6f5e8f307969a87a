package io.armory.agent.adapter.http;

import io.armory.agent.domain.LogLine;
import io.armory.agent.port.Control;
import io.armory.agent.view.Answers;
import io.armory.agent.view.Lists;
import io.vertx.core.Context;
import java.util.List;

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
    synchronized (this) {
      begun = true;
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
    synchronized (this) {
      if (gone) {
        return;
      }
      if (waiting.isEmpty() && begun) {
        loop.runOnContext(_ -> write());
      }
      waiting.append(text);
    }
  }

  /// On the connection's event loop: all there is in one piece.
  private void write() {
    var text = "";
    synchronized (this) {
      if (gone) {
        return;
      }
      text = waiting.toString();
      waiting = new StringBuilder();
      underWay += text.length();
    }
    var length = text.length();
    asked.write(text).onComplete(_ -> written(length));
  }

  private synchronized void written(int length) {
    underWay -= length;
    notifyAll();
  }

  private synchronized void leave() {
    gone = true;
    waiting = new StringBuilder();
    notifyAll();
  }

  @Override
  public synchronized void awaitRoom() throws InterruptedException {
    while (!gone && waiting.length() + underWay >= ROOM) {
      wait();
    }
  }
}
