package io.armory.agent.adapter.redis;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;

/// What a Redis answers, read along as RESP 2 and 3 before the client library gets it: that one
/// makes room for whatever length it is told, and reads nested lists by recursion. Nothing that the
/// agent asks for comes near these bounds; who goes beyond them is no Redis, or none that is well.
final class BoundedReplies extends FilterInputStream {
  /// Of what the agent asks for the sake of routine.
  static final int LONGEST_TEXT = 4 * 1024 * 1024;

  private static final int LONGEST_LINE = 64 * 1024;
  private static final int MOST_ITEMS = 10_000;
  private static final int DEEPEST = 16;

  /// An answer that is none of Redis'.
  static final class NoRedis extends IOException {
    private static final long serialVersionUID = 1;

    private NoRedis() {
      super("it does not answer as a Redis does");
    }
  }

  private enum State {
    TYPE,
    LENGTH,
    LINE,
    TEXT
  }

  /// How many items each list that is open still has, the innermost first.
  private final Deque<Integer> open = new ArrayDeque<>();

  private final int longest;
  private State state = State.TYPE;
  private char type;
  private long length;
  private int digits;
  private boolean negative;
  private long left;

  /// @param longest bytes of one text
  BoundedReplies(InputStream in, int longest) {
    super(in);
    this.longest = longest;
  }

  @Override
  public int read() throws IOException {
    var read = in.read();
    if (read >= 0) {
      take((byte) read);
    }
    return read;
  }

  @Override
  public int read(byte[] buffer, int offset, int most) throws IOException {
    var read = in.read(buffer, offset, most);
    for (var i = 0; i < read; i++) {
      take(buffer[offset + i]);
    }
    return read;
  }

  private void take(byte b) throws IOException {
    switch (state) {
      case TYPE -> begin((char) (b & 0xff));
      case LENGTH -> length((char) (b & 0xff));
      case LINE -> line(b);
      case TEXT -> {
        if (--left == 0) {
          ended();
        }
      }
    }
  }

  private void begin(char of) throws IOException {
    type = of;
    length = 0;
    digits = 0;
    negative = false;
    left = 0;
    state =
        switch (of) {
          case '$', '=', '!', '*', '%', '~', '>', '|' -> State.LENGTH;
          case '+', '-', ':', '_', '#', ',', '(' -> State.LINE;
          default -> throw new NoRedis();
        };
  }

  private void length(char c) throws IOException {
    if (c == '-' && digits == 0) {
      negative = true;
    } else if (c >= '0' && c <= '9') {
      length = length * 10 + (c - '0');
      if (++digits > 12) {
        throw tooMuch(length);
      }
    } else if (c == '\n') {
      announced();
    } else if (c != '\r') {
      throw new NoRedis();
    }
  }

  private void announced() throws IOException {
    if (negative) {
      ended();
      return;
    }
    switch (type) {
      case '$', '=', '!' -> {
        if (length > longest) {
          throw tooMuch(length);
        }
        left = length + 2;
        state = State.TEXT;
      }
      default -> {
        var items = type == '%' || type == '|' ? 2 * length : length;
        if (items > MOST_ITEMS || open.size() >= DEEPEST) {
          throw tooMuch(items);
        }
        if (items == 0) {
          ended();
        } else {
          open.push((int) items);
          state = State.TYPE;
        }
      }
    }
  }

  private void line(byte b) throws IOException {
    if (b == '\n') {
      ended();
    } else if (++left > LONGEST_LINE) {
      throw tooMuch(left);
    }
  }

  /// An item has ended, and with it every list that it was the last one of.
  private void ended() {
    state = State.TYPE;
    while (!open.isEmpty()) {
      var remaining = open.pop() - 1;
      if (remaining > 0) {
        open.push(remaining);
        return;
      }
    }
  }

  private static IOException tooMuch(long much) {
    return new IOException(
        "it answers with %d bytes or items, or lists within lists, more than anything that was asked for"
            .formatted(much));
  }
}
